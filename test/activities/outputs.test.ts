import assert from 'node:assert/strict';
import { createOutputActivities } from '../../activities/outputs.ts';
import { isFailure } from '../../domain/failure.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';

describe('finding the outputs of earlier runs', () => {
  it('names the newest data set and split made with the transform of this code, and the latest model', async () => {
    const asked: unknown[] = [];
    const answer = (version: string) => async (transform: unknown) => {
      asked.push(transform);
      return { version };
    };
    const outputs = createOutputActivities({ datasets: { newestDataset: answer('data'), newestSplit: answer('split') }, registry: { resolveAlias: async () => ({ version: 3 }) } });
    assert.equal(await outputs.findNewestDataset(), 'data');
    assert.equal(await outputs.findNewestSplit(), 'split');
    assert.equal(await outputs.findLatestModel(), 3);
    assert.deepEqual(asked, [IMAGE_TRANSFORM, IMAGE_TRANSFORM]);
  });

  it('names those of cut-out faces when these are asked for, and no others', async () => {
    const answer = async ({ faceCrop }: { faceCrop?: number | undefined }) => (faceCrop === undefined ? { version: 'whole' } : null);
    const outputs = createOutputActivities({ datasets: { newestDataset: answer, newestSplit: answer }, registry: { resolveAlias: async () => null } });
    assert.equal(await outputs.findNewestDataset({ cropFaces: false }), 'whole');
    await assert.rejects(outputs.findNewestDataset({ cropFaces: true }), (error) => isFailure(error, 'nothing-to-use') && /data set of cut-out faces/.test(error.message));
    await assert.rejects(outputs.findNewestSplit({ cropFaces: true }), (error) => isFailure(error, 'nothing-to-use') && /split of cut-out faces/.test(error.message));
  });

  it('says which step to switch on when there is none', async () => {
    const outputs = createOutputActivities({ datasets: { newestDataset: async () => null, newestSplit: async () => null }, registry: { resolveAlias: async () => null } });
    await assert.rejects(outputs.findNewestDataset(), (error) => isFailure(error, 'nothing-to-use') && /processing switched on/.test(error.message));
    await assert.rejects(outputs.findNewestSplit(), (error) => isFailure(error, 'nothing-to-use') && /splitting switched on/.test(error.message));
    await assert.rejects(outputs.findLatestModel(), (error) => isFailure(error, 'nothing-to-use') && /training switched on/.test(error.message));
  });
});
