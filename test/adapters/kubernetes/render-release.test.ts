import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { createReleaseRenderer } from '../../../adapters/kubernetes/render-release.ts';
import type { Deployment } from '../../../adapters/kubernetes/objects.ts';
import { isFailure } from '../../../domain/failure.ts';
import { REPOSITORY } from '../../support/barometer.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';

const GIT_SHA = '1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b';
const release = { gitSha: GIT_SHA, modelVersion: 7, image: { reference: 'ghcr.io/acme/barometer/api:1a2b', digest: 'sha256:00' } };

describe('the objects of a release', () => {
  const testCluster = useCluster();

  function render(config: { overlay: string; namespace: string }) {
    const asked: string[] = [];
    const renderRelease = createReleaseRenderer({
      config,
      withTree(gitSha, _signal, work) {
        asked.push(gitSha);
        return work({ directory: REPOSITORY });
      },
      environment: { PATH: dirname(testCluster.kubectlPath) },
    });
    return renderRelease(release, 'run', new AbortController().signal).then((objects) => ({ objects, asked }));
  }

  for (const overlay of ['k8s/overlays/local', 'k8s/overlays/production']) {
    it(`come from the tree of its own commit: ${overlay}`, async () => {
      const { objects, asked } = await render({ overlay, namespace: 'barometer' });
      assert.deepEqual(asked, [GIT_SHA]);
      const deployment = objects.at(-1) as unknown as Deployment;
      assert.equal(deployment.spec.template.spec.containers[0]!.image, 'ghcr.io/acme/barometer/api:1a2b@sha256:00');
      for (const { metadata } of objects) assert.equal(metadata.annotations!['barometer.dev/run'], 'run');
    });
  }

  it('belong into the configured namespace', async () => {
    await assert.rejects(render({ overlay: 'k8s/overlays/local', namespace: 'elsewhere' }), (error) => isFailure(error, 'configuration-invalid') && error.message.includes('elsewhere'));
  });
});
