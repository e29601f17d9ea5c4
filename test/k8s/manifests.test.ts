import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before } from 'mocha';
import { API } from '../../adapters/kubernetes/names.ts';
import { pickApiObjects } from '../../adapters/kubernetes/api-manifests.ts';
import { loadConfig } from '../../config/config.ts';
import { toTaskQueue, toTrainingQueue, WORKER_ROLES } from '../../domain/names.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { startTestApi } from '../support/api.ts';
import { REPOSITORY } from '../support/barometer.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import type { Container } from '../support/manifests.ts';
import { findDeployment, findDeployments, findObject, INSTALLATIONS, renderInstallation, selects } from '../support/manifests.ts';

/** How long the API answers what is under way when it is asked to end. */
const DRAIN_SECONDS = 20;
interface ScaledObject {
  spec: { minReplicaCount: number; maxReplicaCount: number; triggers: readonly { metadata: Record<string, string> }[] };
}
type Labels = Record<string, string>;
const ROLLED_OUT = ['ServiceAccount', 'NetworkPolicy', 'Service', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'];

for (const [name, installation] of Object.entries(INSTALLATIONS)) {
  describe(`manifests: ${name}`, () => {
    const cluster = useCluster();
    let objects: ClusterObject[] = [];
    const deployments = () => findDeployments(objects);
    const containers = () => deployments().flatMap(({ spec }) => spec.template.spec.containers);
    const api = () => findDeployment(objects, API.deployment);
    const settingsOf = (container: Container) => toEnvironment(objects, container);

    before('render', async () => {
      objects = await renderInstallation(installation, cluster.kubectlPath);
    });

    it('name what everything is, and put it into one namespace', () => {
      for (const { kind, metadata } of objects) {
        assert.equal(metadata.namespace, kind === 'Namespace' ? undefined : 'barometer', `${kind} ${metadata.name}`);
        const { labels = {} } = metadata;
        assert.equal(labels['app.kubernetes.io/name'], 'barometer', `${kind} ${metadata.name}`);
        assert.equal(labels['app.kubernetes.io/part-of'], 'barometer', `${kind} ${metadata.name}`);
        assert.equal(labels['app.kubernetes.io/managed-by'], 'kustomize', `${kind} ${metadata.name}`);
        assert.ok(labels['app.kubernetes.io/component'], `${kind} ${metadata.name}`);
      }
    });

    it('give a rollout the objects of the API, and only those', () => {
      const picked = pickApiObjects(objects, 'barometer');
      const kinds = ROLLED_OUT.filter((kind) => installation.overlay === 'production' || kind !== 'HorizontalPodAutoscaler');
      assert.deepEqual(picked.map(({ kind }) => kind).toSorted(), kinds.toSorted());
      for (const { kind, metadata } of picked) assert.equal(metadata.name, 'barometer-api', kind);
    });

    it('select pods that there are', () => {
      for (const { metadata, spec } of deployments()) assert.ok(selects(spec.selector, spec.template.metadata.labels), metadata.name);
      const apiLabels = api().spec.template.metadata.labels;
      const service = findObject(objects, 'Service', API.service) as { spec: { selector: Labels } } | undefined;
      const budget = findObject(objects, 'PodDisruptionBudget', 'barometer-api') as { spec: { selector: { matchLabels: Labels } } } | undefined;
      const policy = findObject(objects, 'NetworkPolicy', 'barometer-api') as { spec: { podSelector: { matchLabels: Labels } } } | undefined;
      for (const matchLabels of [service?.spec.selector, budget?.spec.selector.matchLabels, policy?.spec.podSelector.matchLabels]) {
        assert.ok(matchLabels && selects({ matchLabels }, apiLabels));
        const others = deployments().filter((each) => each !== api());
        assert.ok(!others.some(({ spec }) => selects({ matchLabels }, spec.template.metadata.labels)), 'a worker would be taken for the API');
      }
    });

    it('scale only what exists, and leave the number of pods to whoever scales', () => {
      type Scaler = ClusterObject & { spec: { scaleTargetRef: { name: string }; minReplicas?: number; maxReplicas?: number } };
      const scalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') as Scaler[];
      for (const { kind, spec } of scalers) {
        const target = findDeployment(objects, spec.scaleTargetRef.name);
        assert.equal(target.spec.replicas, undefined, `${kind} and Deployment ${target.metadata.name} both say how many`);
      }
      const ofApi = scalers.find(({ spec }) => spec.scaleTargetRef.name === API.deployment)?.spec;
      const pods = [api().spec.replicas ?? ofApi?.minReplicas, ofApi?.maxReplicas];
      assert.deepEqual(pods, installation.overlay === 'local' ? [1, undefined] : [2, 10]);
    });

    it('refer only to what they hold, but for Secrets that may be absent', () => {
      for (const { spec } of deployments()) {
        const { serviceAccountName } = spec.template.spec;
        assert.ok(findObject(objects, 'ServiceAccount', serviceAccountName), serviceAccountName);
        for (const { configMapRef, secretRef } of spec.template.spec.containers.flatMap(({ envFrom = [] }) => envFrom)) {
          if (configMapRef && configMapRef.optional !== true) assert.ok(findObject(objects, 'ConfigMap', configMapRef.name), configMapRef.name);
          if (secretRef) assert.ok(secretRef.optional, secretRef.name);
        }
      }
    });

    it('set nothing but settings that there are, to values that can be used', () => {
      const known = listSettings();
      for (const container of containers()) {
        const settings = settingsOf(container);
        const strange = Object.keys(settings).filter((each) => each.startsWith('BAROMETER_') && !known.has(each));
        assert.deepEqual(strange, [], container.name);
        assert.doesNotThrow(() => loadConfig(settings), container.name);
      }
    });

    it('make the API reachable in its pod, with storage of its own choice', () => {
      const [container] = api().spec.template.spec.containers;
      const config = loadConfig(settingsOf(container));
      assert.equal(config.api.host, '0.0.0.0');
      assert.deepEqual(container.ports, [{ name: API.port, containerPort: config.api.port }]);
      assert.equal(container.name, API.container);
      if (installation.overlay === 'production') assert.ok('accountUrl' in config.storage);
    });

    it('show the metrics of workers where Prometheus is told to look, and is let in', () => {
      for (const { spec: { template } } of deployments().filter((each) => each !== api())) {
        const [container] = template.spec.containers;
        const { workerMetrics } = loadConfig(settingsOf(container)).telemetry;
        assert.equal(workerMetrics?.host, '0.0.0.0');
        assert.deepEqual(container.ports, [{ name: 'metrics', containerPort: workerMetrics.port }]);
        const annotations = template.metadata.annotations ?? {};
        assert.deepEqual([annotations['prometheus.io/scrape'], annotations['prometheus.io/port'], annotations['prometheus.io/path']], ['true', String(workerMetrics.port), '/metrics']);
        const { spec } = findObject(objects, 'NetworkPolicy', 'barometer-workers') as unknown as { spec: { ingress: unknown } };
        assert.deepEqual(spec.ingress, [{ ports: [{ port: 'metrics' }] }]);
      }
    });

    it('say how much every container takes, and how much at most', () => {
      for (const { name: container, resources } of containers()) {
        assert.ok(resources?.requests?.['cpu'] && resources.requests['memory'], container);
        assert.ok(resources.limits?.['cpu'] && resources.limits['memory'], container);
      }
    });

    it('run no image by a tag that moves', () => {
      for (const { image } of containers()) {
        const tag = /:([\w.-]+)$/.exec(image)?.[1] ?? '';
        const allowed = installation.overlay === 'local' ? /^local$/ : /^(set-the-git-sha|[0-9a-f]{40})$/;
        assert.match(tag, allowed, image);
      }
    });

    it('never have fewer pods of the API during a rollout, and give each the time to answer what is under way', () => {
      const { spec } = api();
      assert.deepEqual(spec.strategy?.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
      const { terminationGracePeriodSeconds, containers: [{ lifecycle }] } = spec.template.spec;
      const preStop = lifecycle?.preStop.sleep.seconds ?? 0;
      assert.ok(preStop >= 5);
      assert.ok(terminationGracePeriodSeconds > preStop + DRAIN_SECONDS);
    });

    it('say that a rollout is stuck before the rollout gives up', () => {
      assert.ok(api().spec.progressDeadlineSeconds! * 1000 < loadConfig({}).cluster.deadlineMs);
    });

    it('give the credentials of the cluster to nobody but the worker that deploys', () => {
      const withToken = deployments().filter(({ spec }) => spec.template.spec.automountServiceAccountToken);
      assert.deepEqual(withToken.map(({ metadata }) => metadata.name), installation.overlay === 'local' ? [] : ['barometer-worker-deploy']);
    });

    it('hold no Secret', () => {
      assert.ok(!objects.some(({ kind }) => kind === 'Secret'));
    });

    if (installation.overlay === 'production') {
      it('have a worker for each role', () => {
        const roles = deployments().flatMap(({ spec }) => spec.template.spec.containers.map(({ args }) => args)).filter((args) => args !== undefined);
        assert.deepEqual(roles.toSorted(), WORKER_ROLES.map((role) => ['--role', role]).toSorted());
      });
    }
  });
}

describe('manifests', () => {
  const cluster = useCluster();
  let objects: ClusterObject[] = [];

  before('render', async () => {
    objects = await renderInstallation(INSTALLATIONS['the production overlay with every option'], cluster.kubectlPath);
  });

  it('probe the API where it answers', async () => {
    const { startupProbe, readinessProbe, livenessProbe } = findDeployment(objects, API.deployment).spec.template.spec.containers[0];
    const running = await startTestApi();
    try {
      for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
        assert.equal(probe?.httpGet.port, API.port);
        assert.equal((await fetch(running.url + probe.httpGet.path)).status, 200, probe.httpGet.path);
      }
    } finally {
      await running.close();
    }
  });

  it('do not restart an API that has no model, and send it nobody', async () => {
    const { readinessProbe, livenessProbe } = findDeployment(objects, API.deployment).spec.template.spec.containers[0];
    const running = await startTestApi({ answer: null });
    try {
      assert.equal((await fetch(running.url + livenessProbe!.httpGet.path)).status, 200);
      assert.equal((await fetch(running.url + readinessProbe!.httpGet.path)).status, 503);
    } finally {
      await running.close();
    }
  });

  it('let the largest image through the ingress', () => {
    const { annotations } = findObject(objects, 'Ingress', 'barometer')!.metadata;
    const [, megabytes] = /^(\d+)m$/.exec(annotations?.['nginx.ingress.kubernetes.io/proxy-body-size'] ?? '') ?? [];
    assert.ok(Number(megabytes) * 1024 * 1024 > loadConfig({}).imageLimits.maxBytes);
  });

  it('scale data and training by every task queue that their workers poll, from the settings that these have', () => {
    const queues = { data: [toTaskQueue('data')], train: [toTrainingQueue('local'), toTrainingQueue('azure-ml')] };
    for (const role of ['data', 'train'] as const) {
      const { spec } = findObject(objects, 'ScaledObject', `barometer-worker-${role}`) as unknown as ScaledObject;
      assert.deepEqual([spec.minReplicaCount, spec.maxReplicaCount], [0, 4]);
      assert.deepEqual(spec.triggers.map(({ metadata }) => metadata['taskQueue']), queues[role]);
      const [container] = findDeployment(objects, `barometer-worker-${role}`).spec.template.spec.containers;
      const settings = toEnvironment(objects, container);
      for (const { metadata } of spec.triggers) {
        assert.equal(metadata['workflowTaskQueueForCount'], toTaskQueue('pipeline'));
        for (const name of [metadata['endpointFromEnv'], metadata['namespaceFromEnv']]) assert.ok(settings[name ?? ''], name);
      }
    }
  });
});

/** What the container sees, as far as the manifests say it. */
function toEnvironment(objects: readonly ClusterObject[], { env = [], envFrom = [] }: Container): Record<string, string> {
  const maps = envFrom.flatMap(({ configMapRef }) => (configMapRef ? [(findObject(objects, 'ConfigMap', configMapRef.name) as unknown as { data: Labels } | undefined)?.data] : []));
  const own = env.map(({ name, value, valueFrom }) => [name, value ?? (valueFrom ? 'barometer' : '')]);
  return Object.assign({}, ...maps, Object.fromEntries(own)) as Record<string, string>;
}

/** Every setting, by the sources of config/. */
function listSettings(): Set<string> {
  const folder = join(REPOSITORY, 'config');
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return new Set(sources.flatMap((source) => [...source.matchAll(/^\s+(BAROMETER_\w+):/gm)].map(([, name]) => name!)));
}
