import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import { LARGEST_GOLDEN_DIFFERENCE, toGoldenDifference } from '../../domain/golden.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { useAzurite } from '../support/azurite.ts';
import { unpackImage } from '../support/container.ts';
import type { UnpackedImage } from '../support/container.ts';
import { createDataActivities } from '../support/data-activities.ts';
import { createGoldenModel } from '../support/golden-model.ts';
import { GIT_SHA } from '../support/models.ts';
import { LABELS, useProjectImage } from '../support/project-images.ts';
import { uploadImages } from '../support/raw-images.ts';
import { runActivity } from '../support/run-activity.ts';

const RUN = '20261124T015500Z-1a2b3c4';
const SEED = 3;
/** On an emulated processor, on a busy machine. */
const LIMIT_MS = 600_000;

/** TensorFlow's answers for the weights of a seed; the pixels come as the first argument. */
const PREDICT = `
  import { predict } from '/app/adapters/tensorflow/predict.ts';
  import { createRandom } from '/app/domain/random.ts';
  import { createWeights } from '/app/adapters/tensorflow/weights.ts';
  const pixels = new Uint8Array(Buffer.from(process.argv[1], 'base64'));
  console.log(JSON.stringify([...predict(createWeights(createRandom(${SEED})), pixels)]));`;

describe('the image of the trainer', function () {
  this.timeout(LIMIT_MS);

  const image = useProjectImage('trainer');
  const azurite = useAzurite();

  for (const architecture of ['amd64', 'arm64']) {
    describe(`for ${architecture}`, () => {
      let unpacked: UnpackedImage | undefined;

      before('unpack it', async () => {
        unpacked = await unpackImage(await image.pushed.forArchitecture(architecture));
      });

      after('remove its files', () => unpacked?.remove());

      it('says what it is, and runs as nobody in particular', async () => {
        const { config } = await image.pushed.forArchitecture(architecture);
        assert.equal(config.architecture, architecture);
        assert.equal(config.config.User, '65532:65532');
        for (const [name, value] of Object.entries(LABELS)) assert.equal(config.config.Labels?.[name], value, name);
      });

      it('has a TensorFlow that gives the golden predictions', async () => {
        const { golden, pixels } = await createGoldenModel(SEED);
        const command = ['node', '--input-type=module', '--eval', PREDICT, Buffer.concat(pixels).toString('base64')];
        const { stdout, stderr } = await unpacked!.start({ command }).finished;
        assert.match(stdout, /^\[/, stderr);
        const answers = JSON.parse(stdout) as number[];
        assert.equal(answers.length, golden.length * EMOTIONS.length);
        for (const [index, { probabilities }] of golden.entries()) {
          const difference = toGoldenDifference(probabilities, toPerEmotion((emotion) => answers[index * EMOTIONS.length + EMOTIONS.indexOf(emotion)]!));
          assert.ok(difference < LARGEST_GOLDEN_DIFFERENCE, `a difference of ${difference}`);
        }
      });

      it('trains, and exports a network that answers as the trained one', async () => {
        const { connectionString } = azurite.newAccount();
        const { blobs, runs } = createStores({ connectionString }, greyPngCodec);
        await blobs.ensureContainers();
        const splitVersion = await prepareSplit(blobs);
        const hyperparameters = hyperparametersSchema.parse({ epochs: 1, batchSize: 16, validationRatio: 0.3 });
        await runs.saveSpec({ runName: RUN, gitSha: GIT_SHA, splitVersion, hyperparameters });
        const { exitCode, stdout, stderr } = await unpacked!.start({
          command: ['node', 'workers/train.ts', '--run', RUN],
          environment: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString },
        }).finished;
        assert.equal(exitCode, 0, stdout + stderr);
        const result = await runs.findResult(RUN);
        assert.equal(result?.epochs, 1);
        assert.ok(result.parity.images > 0);
        assert.ok(result.parity.largestDifference < 1e-4, `a difference of ${result.parity.largestDifference}`);
      });
    });
  }
});

/** A dozen images of each label, as the steps before the training leave them. */
async function prepareSplit(blobs: Parameters<typeof createDataActivities>[0]): Promise<string> {
  await uploadImages(blobs, 12);
  const { process, split } = createDataActivities(blobs);
  const { dataset } = await process(RUN);
  const { result } = await runActivity(() => split.splitDataset({ runName: RUN, gitSha: GIT_SHA, datasetVersion: dataset.version, testRatio: 0.4 }));
  return result.version;
}
