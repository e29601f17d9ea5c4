import { createIngestActivities } from '../../activities/ingest.ts';
import type { ResizeDependencies } from '../../activities/resize.ts';
import { createResizeActivities } from '../../activities/resize.ts';
import { createSplitActivities } from '../../activities/split.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createDatasetStore } from '../../adapters/blob-storage/dataset-store.ts';
import { createResizeStore } from '../../adapters/blob-storage/resize-store.ts';
import { createStepMemory } from '../../adapters/blob-storage/step-memory.ts';
import { loadFaceDetector } from '../../adapters/onnx/face-detector.ts';
import { shareFaceDetector } from '../../adapters/onnx/shared-face-detector.ts';
import { lendSubjectCutter } from '../../adapters/vision/cut-subject.ts';
import { toGreyPixels } from '../../adapters/vision/decode.ts';
import { decodeGreyPng, encodeGreyPng } from '../../adapters/vision/grey-png.ts';
import { runActivity } from './run-activity.ts';

export const GIT_SHA = '0123456789abcdef0123456789abcdef01234567';

/** The activities that make data sets, on a real store, wired as the workers do it. */
export function createDataActivities(blobs: BlobStore, settings: Partial<ResizeDependencies> = {}) {
  const datasets = createDatasetStore(blobs, { encode: encodeGreyPng, decode: decodeGreyPng });
  const resizes = createResizeStore(blobs);
  const limits = { maxBytes: 1_000_000, maxPixels: 1_000_000 };
  const memory = createStepMemory(blobs);
  const readCode = () => Promise.resolve('code');
  const withFaceCutter = lendSubjectCutter(shareFaceDetector(loadFaceDetector));
  const ingest = createIngestActivities({ blobs, datasets, memory });
  const resize = createResizeActivities({ blobs, datasets, resizes, toGreyPixels, withFaceCutter, limits, shardSize: 10, maxRefusedShare: 0.5, memory, readCode, ...settings });
  const split = createSplitActivities({ datasets, memory, readCode: settings.readCode ?? readCode });

  /** Ingests and resizes, as the pipeline workflow does. */
  async function process(runName: string, { useCache = true, cropFaces = false } = {}) {
    const { result: taken } = await runActivity(() => ingest.takeInventory({ runName, gitSha: GIT_SHA, useCache }));
    const { inventory } = taken;
    const { result: plan } = await runActivity(() => resize.planResize({ runName, inventory, useCache, cropFaces }));
    const batches = [];
    for (let batch = 0; batch < plan.batches; batch += 1) {
      batches.push((await runActivity(() => resize.resizeBatch({ runName, batch }))).result);
    }
    const request = { runName, gitSha: GIT_SHA, inventory, previousDataset: plan.previousDataset, batches };
    const dataset = plan.former?.dataset ?? (await runActivity(() => resize.publishDataset(request))).result;
    return { taken, plan, batches, request, dataset };
  }

  return { datasets, resizes, ingest, resize, split, process };
}
