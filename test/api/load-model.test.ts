import assert from 'node:assert/strict';
import type { ClassifierLoader } from '../../api/load-model.ts';
import { loadModel } from '../../api/load-model.ts';
import { toPerEmotion } from '../../domain/emotion.ts';
import { isFailure } from '../../domain/failure.ts';
import { createFakeLoader, createFakeVersions } from '../support/api.ts';

describe('loading a model', () => {
  it('runs its network until it is warm', async () => {
    const versions = createFakeVersions();
    const loader = createFakeLoader();
    let runs = 0;
    versions.publish('sad');
    const { manifest, classifier } = await loadModel(1, versions, async (onnx) => {
      const loaded = await loader.load(onnx);
      return { ...loaded, classify: (pixels) => { runs += 1; return loaded.classify(pixels); } };
    });
    assert.ok(runs > 0);
    assert.equal(manifest.version, 1);
    assert.equal(loader.loaded[0]!.isClosed, false);
    await classifier.close();
    assert.equal(loader.loaded[0]!.isClosed, true);
  });

  it('refuses a version that was trained on images made in another way', async () => {
    const versions = createFakeVersions();
    versions.publish('sad', { transform: { name: 'grey-stretch-48', version: 1 } });
    await assert.rejects(loadModel(1, versions, createFakeLoader().load), (error) => isFailure(error, 'data-corrupt'));
  });

  it('refuses a version whose outputs stand in another order', async () => {
    const versions = createFakeVersions();
    versions.publish('sad', { labels: ['angry', 'sad', 'happy', 'fearful'] });
    await assert.rejects(loadModel(1, versions, createFakeLoader().load), (error) => isFailure(error, 'data-corrupt'));
  });

  it('refuses, and closes, a network that does not answer with probabilities', async () => {
    for (const wrong of [Number.NaN, 0.5]) {
      const versions = createFakeVersions();
      versions.publish('sad');
      let isClosed = false;
      const load: ClassifierLoader = () => Promise.resolve({
        classify: (pixels) => Promise.resolve(pixels.map(() => toPerEmotion(() => wrong))),
        close: () => { isClosed = true; return Promise.resolve(); },
      });
      await assert.rejects(loadModel(1, versions, load), (error) => isFailure(error, 'data-corrupt'));
      assert.ok(isClosed);
    }
  });
});
