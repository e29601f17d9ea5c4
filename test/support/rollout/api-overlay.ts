import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'mocha';

export interface OverlayOptions {
  readonly namespace: string;
  readonly replicas?: number;
  /** An autoscaler decides the number of pods. */
  readonly autoscaled?: boolean;
  /** Put into the ConfigMap. */
  readonly motto?: string;
}

const LABELS = { 'app.kubernetes.io/name': 'barometer', 'app.kubernetes.io/component': 'api' };
/** Its folder in the tree. */
export const OVERLAY = 'k8s/overlays/test';

/** A folder that plays the tree of a commit, with an overlay that is small and as real ones are in what matters. */
export function useOverlay() {
  let tree = '';
  before('make an overlay', () => {
    tree = mkdtempSync(join(tmpdir(), 'barometer-overlay-'));
  });
  after('remove the overlay', () => {
    rmSync(tree, { recursive: true, force: true });
  });
  return {
    tree: () => tree,
    write(options: OverlayOptions): void {
      const folder = join(tree, OVERLAY);
      mkdirSync(folder, { recursive: true });
      const objects = toObjects(options);
      // JSON is YAML.
      writeFileSync(join(folder, 'objects.yaml'), objects.map((object) => JSON.stringify(object)).join('\n---\n'));
      writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ namespace: options.namespace, resources: ['objects.yaml'] }));
    },
  };
}

/** The API's objects, and one of the workers' that a rollout has to leave alone. */
export function toObjects({ replicas = 1, autoscaled = false, motto = 'be kind' }: OverlayOptions): object[] {
  const metadata = { name: 'barometer-api', labels: LABELS };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'barometer-worker', labels: { 'app.kubernetes.io/component': 'worker' } }, data: {} },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { motto } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: LABELS, ports: [{ name: 'http', port: 80, targetPort: 'http' }] } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: toDeploymentSpec(replicas) },
    ...(autoscaled ? [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec: toAutoscalerSpec() }] : []),
  ];
}

function toDeploymentSpec(replicas: number): object {
  const container = {
    name: 'api',
    image: 'barometer/api',
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [{ name: 'BAROMETER_MODEL_VERSION', value: 'latest' }, { name: 'MOTTO', valueFrom: { configMapKeyRef: { name: 'barometer-api', key: 'motto' } } }],
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
    // Time for everyone who routes to learn that this pod goes.
    lifecycle: { preStop: { sleep: { seconds: 2 } } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  return {
    replicas,
    strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: 'barometer-api',
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 10,
        // The test's cluster has no name service.
        dnsPolicy: 'Default',
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container],
      },
    },
  };
}

function toAutoscalerSpec(): object {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'barometer-api' };
  return { scaleTargetRef, minReplicas: 1, maxReplicas: 4, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }] };
}
