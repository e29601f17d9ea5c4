import assert from 'node:assert/strict';
import type { ImageSource } from '../../adapters/import/image-source.ts';
import { importImages } from '../../adapters/import/import-images.ts';
import { readImageFolder } from '../../adapters/import/image-folder.ts';
import { toGreyPixels } from '../../adapters/vision/decode.ts';
import { useAzurite } from '../support/azurite.ts';
import { GIT_SHA, createDataActivities } from '../support/data-activities.ts';
import { runActivity } from '../support/run-activity.ts';
import { findTestData } from '../support/test-data.ts';

const RUN = '20261124T010000Z-0123456';
const LIMITS = { maxBytes: 1_000_000, maxPixels: 1_000_000 };
const SPLIT = { runName: RUN, gitSha: GIT_SHA, datasetVersion: RUN, testRatio: 0.2 };

describe('real faces', () => {
  const directory = findTestData('fer800');
  const azurite = useAzurite();

  // Without BAROMETER_TEST_DATA there are no real images to test with.
  if (directory === null) {
    it('are skipped: BAROMETER_TEST_DATA names no directory that holds fer800');
    return;
  }

  it('come from a folder to a data set and a split, none refused, unchanged by the way', async () => {
    const blobs = await azurite.newStore();
    const imported = await importImages(takePerLabel(readImageFolder(directory)), blobs, { checkImage: (bytes) => toGreyPixels(bytes, LIMITS) });
    assert.deepEqual(imported.uploaded, { happy: 60, sad: 60, angry: 60, fearful: 60 });

    const { process, split, datasets } = createDataActivities(blobs, { shardSize: 100 });
    const { dataset } = await process(RUN);
    assert.deepEqual(dataset, { version: RUN, counts: imported.uploaded, refused: 0, newSamples: 240, shards: 3, unchanged: false });

    const { result } = await runActivity(() => split.splitDataset(SPLIT));
    const { train, test } = await datasets.readSplit(result.version);
    assert.equal(train.length + test.length + result.copies, 240);

    const bySample = new Map((await datasets.readDataset(RUN)).shards.flatMap(({ samples }) => samples.map(({ digest, name }) => [digest, name])));
    for await (const { digest, pixels } of datasets.readSamples(test, new AbortController().signal)) {
      const raw = await blobs.read('emotions', bySample.get(digest) ?? '');
      assert.deepEqual(pixels, (await toGreyPixels(raw.bytes, LIMITS)).pixels);
    }
  });
});

/** Enough to say that real files work; how fast is for the benchmarks to say. */
async function* takePerLabel(images: ImageSource): ImageSource {
  const taken = new Map<string, number>();
  for await (const image of images) {
    const count = (taken.get(image.labelName) ?? 0) + 1;
    taken.set(image.labelName, count);
    if (count <= 60) yield image;
  }
}
