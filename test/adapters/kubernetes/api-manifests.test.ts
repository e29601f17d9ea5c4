import assert from 'node:assert/strict';
import { pickApiObjects, pinRelease } from '../../../adapters/kubernetes/api-manifests.ts';
import type { Deployment } from '../../../adapters/kubernetes/objects.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { ClusterObject, Release } from '../../../domain/rollout.ts';
import { toObjects } from '../../support/rollout/api-overlay.ts';

const RUN = '20261125T010000Z-1a2b3c4';
const release: Release = {
  gitSha: '1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b',
  modelVersion: 7,
  image: { reference: 'ghcr.io/acme/barometer/api:1a2b', digest: 'sha256:00' },
};

function render(change: (object: ClusterObject) => ClusterObject | ClusterObject[] = (object) => object): ClusterObject[] {
  return (structuredClone(toObjects({ namespace: 'it' })) as ClusterObject[]).flatMap(change);
}

describe('the objects of the API among all of an overlay', () => {
  it('are those with its label, and the Deployment comes last', () => {
    const kinds = pickApiObjects(render(), 'it').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.deepEqual(kinds, ['ServiceAccount barometer-api', 'ConfigMap barometer-api', 'Service barometer-api', 'Deployment barometer-api']);
  });

  it('hold no secret, and not the namespace, whatever their label', () => {
    const labels = { 'app.kubernetes.io/component': 'api' };
    const extra = ['Secret', 'Namespace'].map((kind): ClusterObject => ({ apiVersion: 'v1', kind, metadata: { name: 'it', labels } }));
    assert.deepEqual(pickApiObjects([...extra, ...render()], 'it'), pickApiObjects(render(), 'it'));
  });

  it('are refused when they are not what a rollout can work with', () => {
    const cases: readonly (readonly [RegExp, (object: ClusterObject) => ClusterObject | ClusterObject[]])[] = [
      [/holds 0 Deployments/, (object) => (object.kind === 'Deployment' ? [] : object)],
      [/holds 2 Deployments/, (object) => (object.kind === 'Deployment' ? [object, object] : object)],
      [/Deployment other; it must be barometer-api/, (object) => (object.kind === 'Deployment' ? { ...object, metadata: { ...object.metadata, name: 'other' } } : object)],
      [/no container api/, (object) => (object.kind === 'Deployment' ? { ...object, spec: { template: { spec: { containers: [{ name: 'web' }] } } } } : object)],
      [/no container api/, ({ spec: _spec, ...object }) => object],
      [/no Service barometer-api/, (object) => (object.kind === 'Service' ? [] : object)],
      [/puts Service barometer-api into the namespace elsewhere, while BAROMETER_KUBE_NAMESPACE is it/, (object) => (object.kind === 'Service' ? { ...object, metadata: { ...object.metadata, namespace: 'elsewhere' } } : object)],
    ];
    for (const [message, change] of cases) {
      assert.throws(() => pickApiObjects(render(change), 'it'), (error) => {
        assert.ok(isFailure(error, 'configuration-invalid'), String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });
});

describe('pinning a release', () => {
  const pinned = pinRelease(pickApiObjects(render(), 'it'), release, RUN);
  const { spec } = pinned.at(-1) as unknown as Deployment;

  it('says the image by tag and digest, and the version of the model, once', () => {
    const [container] = spec.template.spec.containers;
    assert.equal(container!.image, 'ghcr.io/acme/barometer/api:1a2b@sha256:00');
    assert.deepEqual(container!.env!.filter(({ name }) => name === 'BAROMETER_MODEL_VERSION'), [{ name: 'BAROMETER_MODEL_VERSION', value: '7' }]);
    assert.ok(container!.env!.some(({ name }) => name === 'MOTTO'));
  });

  it('marks every object with commit, model and run', () => {
    const marks = { 'barometer.dev/git-sha': release.gitSha, 'barometer.dev/model-version': '7', 'barometer.dev/run': RUN };
    for (const { metadata } of pinned) {
      assert.deepEqual(metadata.annotations, marks);
      assert.deepEqual(Object.fromEntries(Object.entries(metadata.labels!).filter(([name]) => name.startsWith('barometer.dev/'))), marks);
    }
  });

  it('keeps the name of the run out of the pods, which would be exchanged for nothing', () => {
    const other = pinRelease(pickApiObjects(render(), 'it'), release, '20261125T020000Z-1a2b3c4').at(-1) as unknown as Deployment;
    assert.deepEqual(other.spec.template, spec.template);
    assert.equal(spec.template.metadata!.labels!['barometer.dev/git-sha'], release.gitSha);
  });

  it('leaves the selector alone, which can not be changed', () => {
    assert.deepEqual(spec.selector.matchLabels, { 'app.kubernetes.io/name': 'barometer', 'app.kubernetes.io/component': 'api' });
  });

  it('keeps a git-sha that is too long for a label in the annotation alone', () => {
    const gitSha = 'a'.repeat(64);
    const [first] = pinRelease(pickApiObjects(render(), 'it'), { ...release, gitSha }, RUN);
    assert.equal(first!.metadata.annotations!['barometer.dev/git-sha'], gitSha);
    assert.equal(first!.metadata.labels!['barometer.dev/git-sha'], undefined);
  });
});
