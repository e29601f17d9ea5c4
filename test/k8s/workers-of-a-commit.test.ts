import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { renderOverlay } from '../../adapters/kubernetes/kustomize.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { REPOSITORY } from '../support/barometer.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import { findDeployments } from '../support/manifests.ts';

describe('manifests: the workers of a commit', () => {
  const cluster = useCluster();

  async function render(overlay: string): Promise<ClusterObject[]> {
    const PATH = `${dirname(cluster.kubectlPath)}:${process.env['PATH'] ?? ''}`;
    return renderOverlay(join(REPOSITORY, 'k8s', overlay), { environment: { ...process.env, PATH } });
  }

  it('stand beside those of others: names and pods of their own, and the rest in common', async () => {
    const [own, shared] = [await render('overlays/workers-of-a-commit'), await render('workers')];
    const toNames = (objects: ClusterObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
    const expected = toNames(shared).map((name) => (name.startsWith('Deployment ') ? `${name}-set-the-short-sha` : name));
    assert.deepEqual(toNames(own), expected);
    for (const { spec } of findDeployments(own)) {
      assert.equal(spec.template.metadata.labels['app.kubernetes.io/version'], 'set-the-git-sha');
      assert.equal((spec as unknown as { selector: { matchLabels: Record<string, string> } }).selector.matchLabels['app.kubernetes.io/version'], 'set-the-git-sha');
      for (const { image } of spec.template.spec.containers) assert.match(image, /:set-the-git-sha$/);
    }
  });

  it('have versions', async () => {
    const settings = (await render('overlays/workers-of-a-commit')).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'barometer-temporal');
    assert.equal((settings as unknown as { data: Record<string, string> }).data['BAROMETER_WORKER_VERSIONING'], 'on');
  });
});
