import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { ClusterObject } from '../../domain/rollout.ts';
import { runKubectl } from '../support/cluster/kubectl.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import { findDeployments, INSTALLATIONS, OPTIONS, renderInstallation } from '../support/manifests.ts';
import { SCALED_OBJECT_CRD } from '../support/scaled-object-crd.ts';

const MAY_CREATE = ['create', '--filename', '-', '--validate=strict', '--dry-run=server', '--output', 'name'];
const APPLY = ['apply', '--server-side', '--filename', '-', '--validate=strict'];

describe('an API server', () => {
  const cluster = useCluster();

  const crd = SCALED_OBJECT_CRD.metadata.name;
  let isOurs = false;

  before('let it know KEDA', async () => {
    isOurs = (await cluster.kubectl(['get', 'crd', crd, '--ignore-not-found', '--output', 'name'])) === '';
    // A cluster with KEDA knows better.
    if (!isOurs) return;
    await cluster.kubectl(['create', '--filename', '-'], { input: JSON.stringify(SCALED_OBJECT_CRD) });
    await cluster.kubectl(['wait', '--for=condition=Established', `crd/${crd}`, '--timeout=30s']);
  });

  after('forget KEDA', async () => {
    if (isOurs) await cluster.kubectl(['delete', 'crd', crd]);
  });

  function send(args: readonly string[], objects: readonly ClusterObject[]) {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    return runKubectl(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfig, ...args], { input: JSON.stringify(list) });
  }

  for (const [name, installation] of Object.entries(INSTALLATIONS)) {
    it(`takes ${name} without a warning, once and again`, async () => {
      const namespace = await cluster.newNamespace();
      const objects = await renderInstallation(installation, cluster.kubectlPath, namespace);
      const first = await send(APPLY, objects);
      assert.equal(first.stderr, '');
      assert.equal(first.stdout.trim().split('\n').length, objects.length);
      assert.equal((await send(APPLY, objects)).stderr, '');
    });

    it(`lets the pods of ${name} in under restricted pod security`, async () => {
      const namespace = await cluster.newNamespace();
      const objects = await renderInstallation(installation, cluster.kubectlPath, namespace);
      await send(APPLY, objects);
      const pods = findDeployments(objects).map(({ metadata, spec }) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: metadata.name, namespace, labels: spec.template.metadata.labels },
        spec: spec.template.spec,
      }));
      const { stdout, stderr } = await send(MAY_CREATE, pods);
      assert.equal(stderr, '');
      assert.deepEqual(stdout.trim().split('\n'), pods.map(({ metadata }) => `pod/${metadata.name}`));
    });
  }

  for (const option of OPTIONS) {
    it(`takes the production overlay with ${option} alone`, async () => {
      const namespace = await cluster.newNamespace();
      const objects = await renderInstallation({ overlay: 'production', components: [option] }, cluster.kubectlPath, namespace);
      const { stderr } = await send([...APPLY, '--dry-run=server'], objects);
      assert.equal(stderr, '');
    });
  }

  it('refuses what these tests would have to notice', async function () {
    if (!isOurs) return this.skip();
    const namespace = await cluster.newNamespace();
    const objects = await renderInstallation(INSTALLATIONS['the production overlay with every option'], cluster.kubectlPath, namespace);
    await send(APPLY, objects);
    const deployment = findDeployments(objects)[0]!;
    const root = { ...deployment.spec.template.spec, securityContext: { runAsUser: 0 } };
    await assert.rejects(send(MAY_CREATE, [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace }, spec: root }]), /violates PodSecurity "restricted:latest"/);
    await assert.rejects(send([...APPLY, '--dry-run=server'], [{ ...deployment, spec: { ...deployment.spec, replica: 2 } }]), /unknown field|field not declared in schema/);
    const scaled = objects.find(({ kind }) => kind === 'ScaledObject')!;
    const trigger = { type: 'temporal', metadata: { queueName: 'barometer-data' } };
    await assert.rejects(send([...APPLY, '--dry-run=server'], [{ ...scaled, spec: { ...(scaled['spec'] as object), triggers: [trigger] } }]), /queueName|taskQueue/);
  });
});
