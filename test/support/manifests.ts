import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { renderOverlay } from '../../adapters/kubernetes/kustomize.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { REPOSITORY } from './barometer.ts';

/** What the production overlay offers in comments. */
export const OPTIONS = ['ingress', 'workload-identity', 'keda'] as const;

/** What people may install. */
export const INSTALLATIONS = {
  'the local overlay': { overlay: 'local', components: [] },
  'the production overlay': { overlay: 'production', components: [] },
  'the production overlay with every option': { overlay: 'production', components: OPTIONS },
} as const satisfies Record<string, Installation>;

export interface Installation {
  readonly overlay: 'local' | 'production';
  readonly components: readonly string[];
}

/** The objects of an installation, in another namespace than its own if that is given. */
export async function renderInstallation({ overlay, components }: Installation, kubectlPath: string, namespace = 'barometer'): Promise<ClusterObject[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'barometer-manifests-')));
  // Kustomize takes folders by relative paths only.
  const toPath = (...names: string[]) => relative(folder, join(realpathSync(REPOSITORY), 'k8s', ...names));
  const kustomization = { namespace, resources: [toPath('overlays', overlay)], components: components.map((name) => toPath('components', name)) };
  try {
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return await renderOverlay(folder, { environment: { ...process.env, PATH: `${dirname(kubectlPath)}:${process.env['PATH'] ?? ''}` } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly envFrom?: readonly { readonly configMapRef?: Named & { readonly optional?: boolean }; readonly secretRef?: Named & { readonly optional?: boolean } }[];
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Named {
  readonly name: string;
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly automountServiceAccountToken: boolean;
    readonly terminationGracePeriodSeconds: number;
    readonly containers: readonly [Container, ...Container[]];
  };
}

export interface Workload extends ClusterObject {
  readonly spec: {
    readonly replicas?: number;
    readonly progressDeadlineSeconds?: number;
    readonly strategy?: { readonly rollingUpdate: { readonly maxUnavailable: number; readonly maxSurge: number } };
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: PodTemplate;
  };
}

export function findDeployments(objects: readonly ClusterObject[]): Workload[] {
  return objects.filter(({ kind }) => kind === 'Deployment') as Workload[];
}

export function findObject(objects: readonly ClusterObject[], kind: string, name: string): ClusterObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

export function findDeployment(objects: readonly ClusterObject[], name: string): Workload {
  const found = findDeployments(objects).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`There is no Deployment ${name}`);
  return found;
}

export function selects(selector: { readonly matchLabels?: Record<string, string> }, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}
