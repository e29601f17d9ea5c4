import { fileURLToPath } from 'node:url';
import { createAdoptTrainingActivities } from '../activities/adopt-training.ts';
import { createCheckNewImagesActivities } from '../activities/check-new-images.ts';
import { createEvaluateActivities } from '../activities/evaluate.ts';
import type { EvaluateDependencies } from '../activities/evaluate.ts';
import { createFileRunActivities } from '../activities/file-run.ts';
import { createFindRunUnderWayActivities } from '../activities/find-run-under-way.ts';
import { createIngestActivities } from '../activities/ingest.ts';
import { createMoodAlertActivities } from '../activities/mood-alert.ts';
import { createNoteInventoryUsedActivities } from '../activities/note-inventory-used.ts';
import { createNotifyActivities } from '../activities/notify.ts';
import { createOutputActivities } from '../activities/outputs.ts';
import { createRegisterActivities } from '../activities/register.ts';
import { createRegisterInWorkspaceActivities } from '../activities/register-in-workspace.ts';
import { createResizeActivities } from '../activities/resize.ts';
import { createSplitActivities } from '../activities/split.ts';
import { createTrainActivities } from '../activities/train.ts';
import type { TrainDependencies } from '../activities/train.ts';
import { createUsedInventoryStore } from '../adapters/blob-storage/used-inventory-store.ts';
import { drawConfusionMatrix } from '../adapters/charts/confusion-matrix.ts';
import { drawReliability } from '../adapters/charts/reliability.ts';
import { createLocalCompute } from '../adapters/compute/local-process.ts';
import { loadClassifier } from '../adapters/onnx/classifier.ts';
import { createRandom } from '../domain/random.ts';
import { disturb } from '../adapters/vision/disturb.ts';
import type { Classifier } from '../adapters/onnx/create-classifier.ts';
import type { Tracing } from '../adapters/telemetry/tracing.ts';
import { createWebhookTargets } from '../adapters/webhook/targets.ts';
import { createVenueWebhook } from '../adapters/webhook/venue-webhook.ts';
import { loadFaceDetector } from '../adapters/onnx/face-detector.ts';
import { shareFaceDetector } from '../adapters/onnx/shared-face-detector.ts';
import { lendSubjectCutter } from '../adapters/vision/cut-subject.ts';
import { toGreyPixels } from '../adapters/vision/decode.ts';
import { toTrainingEnvironment } from '../config/child-environment.ts';
import type { Config } from '../config/config.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import type { WorkerRole } from '../domain/names.ts';
import { MODEL_FILES, toRunUrl } from '../domain/names.ts';
import type { Stores } from '../adapters/blob-storage/stores.ts';
import { createAzureMl } from './azure-ml.ts';
import { createDeployActivities } from './deploy-activities.ts';
import { findUnderWay } from './find-under-way.ts';
import { drawGoldenImages } from './golden-images.ts';
import { readOwnCommit } from './own-commit.ts';
import { createStepCode } from './step-code.ts';
import { countTraining } from './training-metrics.ts';

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

export interface ActivityDependencies {
  readonly config: Config;
  readonly stores: Stores;
  readonly reportProgress: TrainDependencies['reportProgress'];
  readonly tracing: Pick<Tracing, 'toEnvironment'>;
}

/** Joins the activities to the adapters: which role does what, and with what. */
export function createActivities({ config, stores, reportProgress, tracing }: ActivityDependencies): Record<WorkerRole, Activities> {
  const { blobs, datasets, resizes, runs, registry, memory } = stores;
  const { shardSize, maxRefusedShare, minimumAccuracy } = config.pipeline;
  const limits = config.imageLimits;
  const azureMl = createAzureMl(config, stores);
  const usedInventory = createUsedInventoryStore(blobs);
  // HEAD may move while this code stays what it was when it was loaded.
  const ownCommit = readOwnCommit(config.code);
  ownCommit.catch(() => undefined);
  const code = createStepCode();
  const withFaceCutter = lendSubjectCutter(shareFaceDetector(loadFaceDetector));
  return {
    pipeline: createMoodAlertActivities({
      findVenue: async (id) => (await stores.venues.find(id))?.venue ?? null,
      send: createVenueWebhook(config.venueWebhooks).send,
      record: stores.moodAlerts.record,
    }),
    data: {
      ...createOutputActivities({ datasets, registry }),
      ...createIngestActivities({ blobs, datasets, memory }),
      ...createResizeActivities({ blobs, datasets, resizes, toGreyPixels, withFaceCutter, limits, shardSize, maxRefusedShare, memory, readCode: code.resize }),
      ...createSplitActivities({ datasets, memory, readCode: code.split }),
      ...createEvaluateActivities({
        runs: { ...runs, loadCandidate: async (runName) => loadForEvaluation(await runs.readCandidateFile(runName, MODEL_FILES.onnx)) },
        datasets,
        ...createChampions(stores),
        disturb: (pixels, condition, seed) => disturb(pixels, condition, createRandom(seed)),
        drawGoldenImages,
        drawConfusion: drawConfusionMatrix,
        drawReliability,
        minimumAccuracy,
        memory,
        readCode: code.evaluate,
      }),
      ...createAdoptTrainingActivities({ runs }),
      ...createRegisterActivities({ runs, registry }),
      ...createFileRunActivities({ runs }),
      ...createRegisterInWorkspaceActivities({ registry, registerInWorkspace: azureMl.registerInWorkspace }),
      ...createNoteInventoryUsedActivities({ datasets, usedInventory }),
      ...createCheckNewImagesActivities({ blobs, datasets, usedInventory }),
      ...createFindRunUnderWayActivities({ findUnderWay, readOwnCommit: () => ownCommit }),
      ...createNotifyActivities({
        targets: createWebhookTargets(config.notifications),
        events: config.notifications.events,
        toRunUrl: (run) => toRunUrl(config.temporal.uiUrl, config.temporal.namespace, run),
      }),
    },
    train: createTrainActivities({
      computes: {
        local: countTraining('local', createLocalCompute({
          command: [process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(new URL('train.ts', import.meta.url))],
          environment: toTrainingEnvironment(config.storage),
          toRunEnvironment: tracing.toEnvironment,
        })),
        'azure-ml': countTraining('azure-ml', azureMl.compute),
      },
      runs,
      datasets,
      memory,
      readCode: code.train,
      reportProgress,
    }),
    deploy: createDeployActivities({ config, stores }),
  };
}

function createChampions({ registry }: Stores): Pick<EvaluateDependencies, 'findChampion' | 'loadChampion'> {
  return {
    async findChampion() {
      const latest = await registry.resolveAlias('latest');
      if (latest === null) return null;
      const { manifest } = await registry.read(latest.version, []);
      const network = manifest.files.find(({ name }) => name === MODEL_FILES.onnx);
      return { version: latest.version, digest: network?.digest ?? '' };
    },
    async loadChampion(version) {
      const { card, files } = await registry.read(version, [MODEL_FILES.onnx]);
      return { version, card, classifier: await loadForEvaluation(files.get(MODEL_FILES.onnx)!) };
    },
  };
}

/** Two threads pay off for the batches that evaluation sends. */
function loadForEvaluation(onnx: Uint8Array): Promise<Classifier> {
  return loadClassifier(onnx, { labels: EMOTIONS, threads: 2 });
}
