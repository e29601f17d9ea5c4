import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'mocha';
import { pickApiObjects, pinRelease } from '../../adapters/kubernetes/api-manifests.ts';
import type { Cluster } from '../../adapters/kubernetes/cluster.ts';
import { connectCluster } from '../../adapters/kubernetes/cluster.ts';
import { createClusterRollout } from '../../adapters/kubernetes/cluster-rollout.ts';
import { isFailure } from '../../domain/failure.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import { INSTALLATIONS, renderInstallation } from '../support/manifests.ts';

const RELEASE = {
  gitSha: '0123456789abcdef0123456789abcdef01234567',
  modelVersion: 1,
  image: { reference: 'registry.invalid/barometer/api:0123456789abcdef0123456789abcdef01234567', digest: `sha256:${'0'.repeat(64)}` },
};
const RUN = '20261125T010000Z-0123456';
/** Quick, because nothing here is far away. */
const PACE = { pollMs: 100, retryMs: 100, renewMs: 200 };

describe('the rights of the deployer', () => {
  const testCluster = useCluster();
  const directory = mkdtempSync(join(tmpdir(), 'barometer-rights-'));
  let namespace = '';
  let objects: ClusterObject[] = [];
  let cluster: Cluster;

  before('install the production overlay, all but the API', async () => {
    namespace = await testCluster.newNamespace();
    const rendered = await renderInstallation(INSTALLATIONS['the production overlay'], testCluster.kubectlPath, namespace);
    objects = pinRelease(pickApiObjects(rendered, namespace), RELEASE, RUN);
    const items = rendered.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] !== 'api');
    await testCluster.kubectl(['apply', '--server-side', '--filename', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    cluster = connectCluster({ kubeconfig: await writeKubeconfig(), context: null, namespace });
  });

  after('remove the credentials', () => rmSync(directory, { recursive: true }));

  /** A kubeconfig with nothing but a token of the ServiceAccount, as the pod of the deploying worker has it. */
  async function writeKubeconfig(): Promise<string> {
    const token = await testCluster.kubectl(['create', 'token', 'barometer-deployer', '--namespace', namespace]);
    const config = JSON.parse(await testCluster.kubectl(['config', 'view', '--raw', '--minify', '--flatten', '--output', 'json'])) as { users: { name: string }[] };
    const users = config.users.map(({ name }) => ({ name, user: { token: token.trim() } }));
    const path = join(directory, 'kubeconfig');
    writeFileSync(path, JSON.stringify({ ...config, users }), { mode: 0o600 });
    return path;
  }

  it('are enough to roll out, to see why nothing comes up, and to put back what was', async () => {
    const rollout = createClusterRollout(cluster, { deadlineMs: 2_000, pace: PACE });
    const watch = { signal: new AbortController().signal, onProgress: () => {} };
    await rollout.takeTurn({ name: RUN, gitSha: RELEASE.gitSha }, watch, async (turn) => {
      const before = await rollout.readLive(objects, watch);
      assert.equal(await rollout.isThere(objects, before, watch), false);
      await rollout.apply(objects, before, turn, watch);
      await rollout.apply(objects, await rollout.readLive(objects, watch), turn, watch);
      // Nothing can pull that image, nor is there a node to do it.
      await assert.rejects(rollout.waitUntilUp(watch), (error) => isFailure(error, 'rollout-failed'));
      assert.match(await rollout.explain(watch), /pod barometer-api-\w+-\w+ is not ready/);
      assert.equal(await rollout.countPods(watch), 0);
      await rollout.restore(before, RUN, turn, watch);
      const now = await rollout.readLive(objects, watch);
      assert.ok(now.every(({ was }) => was === null));
    });
  });

  it('are enough to ask pods and the service for predictions', async () => {
    const root = `/api/v1/namespaces/${namespace}`;
    for (const path of [`${root}/services/http:barometer-api:http/proxy/predict`, `${root}/pods/http:barometer-api-1:8080/proxy/predict`]) {
      const { status } = await cluster.send({ method: 'POST', path, what: 'a prediction' });
      // There is neither by now: what counts is that the question is let through.
      assert.equal(status, 404, path);
    }
  });

  const asks: readonly (readonly [what: string, attributes: Attributes])[] = [
    ['read Secrets', { resource: 'secrets', verb: 'get' }],
    ['list Secrets', { resource: 'secrets', verb: 'list' }],
    ['create Secrets', { resource: 'secrets', verb: 'create' }],
    ['change another Deployment', { group: 'apps', resource: 'deployments', verb: 'patch', name: 'barometer-worker-deploy' }],
    ['create Deployments of any name', { group: 'apps', resource: 'deployments', verb: 'create' }],
    ['delete many Deployments at once', { group: 'apps', resource: 'deployments', verb: 'deletecollection' }],
    ['change settings', { resource: 'configmaps', verb: 'patch', name: 'barometer-storage' }],
    ['create pods', { resource: 'pods', verb: 'create' }],
    ['delete pods', { resource: 'pods', verb: 'delete' }],
    ['run commands in pods', { resource: 'pods', subresource: 'exec', verb: 'create' }],
    ['reach another service', { resource: 'services', subresource: 'proxy', verb: 'create', name: 'http:temporal:7243' }],
    ['open the network', { group: 'networking.k8s.io', resource: 'networkpolicies', verb: 'patch', name: 'barometer-default' }],
    ['give itself more rights', { group: 'rbac.authorization.k8s.io', resource: 'roles', verb: 'patch', name: 'barometer-deployer' }],
    ['give itself a token of another account', { resource: 'serviceaccounts', subresource: 'token', verb: 'create', name: 'barometer-worker' }],
    ['take another lease', { group: 'coordination.k8s.io', resource: 'leases', verb: 'update', name: 'somebody-elses' }],
    ['change its namespace', { resource: 'namespaces', verb: 'patch', name: 'barometer' }],
    ['look into other namespaces', { resource: 'pods', verb: 'list', namespace: 'default' }],
    ['roll out into other namespaces', { group: 'apps', resource: 'deployments', verb: 'patch', name: 'barometer-api', namespace: 'default' }],
    ['see nodes', { resource: 'nodes', verb: 'list', namespace: '' }],
  ];
  for (const [what, attributes] of asks) {
    it(`do not let it ${what}`, async () => {
      assert.equal(await may(attributes), false);
    });
  }

  interface Attributes {
    readonly group?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly verb: string;
    readonly name?: string;
    readonly namespace?: string;
  }

  async function may(attributes: Attributes): Promise<boolean> {
    const review = await cluster.ask<{ status: { allowed: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace, ...attributes } } },
      what: 'the rights',
    });
    return review.status.allowed;
  }

  it('are told by the cluster, as these tests ask for them', async () => {
    assert.equal(await may({ group: 'apps', resource: 'deployments', verb: 'patch', name: 'barometer-api' }), true);
  });
});
