import type { AdoptTrainingActivities } from '../../activities/adopt-training.ts';
import type { BuildImageActivities } from '../../activities/build-image.ts';
import type { CheckDeploymentActivities } from '../../activities/check-deployment.ts';
import type { CheckNewImagesActivities } from '../../activities/check-new-images.ts';
import type { EvaluateActivities } from '../../activities/evaluate.ts';
import type { FileRunActivities } from '../../activities/file-run.ts';
import type { FindRunUnderWayActivities } from '../../activities/find-run-under-way.ts';
import type { IngestActivities } from '../../activities/ingest.ts';
import type { MoodAlertActivities } from '../../activities/mood-alert.ts';
import type { NoteInventoryUsedActivities } from '../../activities/note-inventory-used.ts';
import type { NotifyActivities } from '../../activities/notify.ts';
import type { OutputActivities } from '../../activities/outputs.ts';
import type { RegisterActivities } from '../../activities/register.ts';
import type { RegisterInWorkspaceActivities } from '../../activities/register-in-workspace.ts';
import type { ResizeActivities } from '../../activities/resize.ts';
import type { RollOutActivities } from '../../activities/roll-out.ts';
import type { SplitActivities } from '../../activities/split.ts';
import type { TrainActivities } from '../../activities/train.ts';
import { toModelCard } from './models.ts';

export type PipelineActivities = OutputActivities &
  IngestActivities &
  ResizeActivities &
  SplitActivities &
  TrainActivities &
  EvaluateActivities &
  RegisterActivities &
  RegisterInWorkspaceActivities &
  CheckDeploymentActivities &
  BuildImageActivities &
  FileRunActivities &
  RollOutActivities &
  NotifyActivities &
  MoodAlertActivities &
  AdoptTrainingActivities &
  NoteInventoryUsedActivities &
  CheckNewImagesActivities &
  FindRunUnderWayActivities;

const COUNTS = { happy: 3, sad: 3, angry: 3, fearful: 3 };

const TRAINED = {
  epochs: 5,
  bestEpoch: 4,
  bestValidationAccuracy: 0.6,
  stoppedEarly: true,
  imagesPerSecond: 400,
  resumedFromEpoch: 0,
  cachedFrom: null,
};

/** Of a candidate that the gate does not let through. */
export const TURNED_AWAY = {
  accuracy: 0.2,
  samples: 12,
  gate: { passed: false, reason: 'Too weak.' },
  report: { evaluation: toModelCard().evaluation, champion: null },
  cachedFrom: null,
};

/** Activities of a run in which all goes well and nothing is really done, with some of them replaced. */
export function createFakeActivities(replaced: Partial<PipelineActivities> = {}): PipelineActivities {
  return {
    findNewestDataset: async () => 'older-dataset',
    findLatestModel: async () => 6,
    findNewestSplit: async () => 'older-split',
    takeInventory: async ({ runName }) => ({ inventory: `inventories/${runName}.json`, counts: COUNTS, ignored: 0, digest: 'digest-of-images', cachedFrom: null }),
    planResize: async () => ({ batches: 2, newImages: 12, unchangedImages: 0, removedImages: 0, previousDataset: null }),
    resizeBatch: async ({ batch }) => ({ shard: `shard-${batch}`, samples: 6, refused: 0 }),
    publishDataset: async ({ runName }) => ({ version: runName, counts: COUNTS, refused: 0, newSamples: 12, shards: 2, unchanged: false }),
    splitDataset: async ({ datasetVersion, testRatio }) => ({
      version: `${datasetVersion}.test-${testRatio}`,
      datasetVersion,
      counts: { train: COUNTS, test: COUNTS },
      copies: 0,
      excluded: 0,
      contradictions: 0,
      cachedFrom: null,
    }),
    trainModel: async () => TRAINED,
    adoptTraining: async () => TRAINED,
    endTraining: async () => undefined,
    evaluateCandidate: async () => ({ accuracy: 0.58, samples: 12, gate: { passed: true, reason: 'Good enough.' }, report: { evaluation: toModelCard().evaluation, champion: null }, cachedFrom: null }),
    registerModel: async () => ({ name: 'emotions-cnn', version: 7, accuracy: 0.58, cachedFrom: null }),
    registerInWorkspace: async () => undefined,
    checkDeployment: async () => ({
      buildImage: { ready: false, why: 'BAROMETER_IMAGE_REPOSITORY is not set.' },
      images: ['api', 'worker'],
      rollOut: { ready: false, why: 'BAROMETER_KUBECONFIG is not set.' },
    }),
    buildImage: async ({ image, gitSha }) => ({ image, reference: `registry.example/${image}:${gitSha}`, digest: `sha256:${image}`, isNew: true }),
    rollOut: async () => ({ changed: true, replicas: 2, goldenPredictions: 4 }),
    noteInventoryUsed: async () => undefined,
    checkNewImages: async () => ({ images: 12, digest: 'a', isChanged: true, newImages: 12, newestAgeMs: 3_600_000, oldestAgeMs: 3_600_000 }),
    findRunUnderWay: async ({ gitSha }) => ({ gitSha: gitSha ?? 'f'.repeat(40), runId: null }),
    findTargets: async () => [],
    deliver: async () => undefined,
    deliverMoodAlert: async () => undefined,
    recordMoodAlert: async () => undefined,
    fileRun: async () => undefined,
    ...replaced,
  };
}
