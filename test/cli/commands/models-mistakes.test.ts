import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../../../adapters/blob-storage/model-registry.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { MODEL_FILES, MODEL_NAME } from '../../../domain/names.ts';
import { useAzurite } from '../../support/azurite.ts';
import { runBarometer } from '../../support/barometer.ts';
import { createDataActivities, GIT_SHA } from '../../support/data-activities.ts';
import { toModelCard, toRegistration } from '../../support/models.ts';
import { toOnnxModel } from '../../support/onnx-model.ts';
import { uploadImages } from '../../support/raw-images.ts';
import { runActivity } from '../../support/run-activity.ts';

const RUN = '20261124T015500Z-0123456';

interface Printed {
  readonly version: number;
  readonly testImages: number;
  readonly mistakes: number;
  readonly shown: readonly { readonly names: string[]; readonly label: string; readonly answer: string; readonly confidence: number }[];
}

describe('barometer models mistakes', () => {
  const azurite = useAzurite();
  let environment: Record<string, string>;
  let directory: string;

  before(async () => {
    const account = azurite.newAccount();
    environment = { BAROMETER_STORAGE_CONNECTION_STRING: account.connectionString };
    directory = await mkdtemp(join(tmpdir(), 'barometer-mistakes-'));
    const blobs = createAzureBlobStore(account);
    await blobs.ensureContainers();
    await uploadImages(blobs, 8);
    const { process: resize, split } = createDataActivities(blobs);
    await resize(RUN);
    const { result } = await runActivity(() => split.splitDataset({ runName: RUN, gitSha: GIT_SHA, datasetVersion: RUN, testRatio: 0.5 }));
    const data = { ...toModelCard().data, datasetVersion: RUN, splitVersion: result.version };
    await createModelRegistry(blobs, MODEL_NAME).register(toRegistration({ runName: RUN, card: { data }, files: { [MODEL_FILES.onnx]: toOnnxModel('happy') } }));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function outputOf(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runBarometer(['models', 'mistakes', ...args], environment);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  it('lists the wrong answers by their confidence, with the names of the images, and draws them', async () => {
    const out = join(directory, 'mistakes.png');
    const { version, testImages, mistakes, shown } = JSON.parse(await outputOf('latest', '--json', '--out', out)) as Printed;
    assert.equal(version, 1);
    assert.ok(mistakes > 0 && mistakes < testImages);
    assert.equal(shown.length, mistakes);
    for (const { names, label, answer } of shown) {
      assert.ok(names.length > 0 && names.every((name) => name.startsWith(`${label}/`)));
      assert.notEqual(answer, label);
    }
    assert.deepEqual(shown.map(({ confidence }) => confidence), shown.map(({ confidence }) => confidence).toSorted((a, b) => b - a));
    const { format, width } = await sharp(await readFile(out)).metadata();
    assert.equal(format, 'png');
    assert.ok(width > 1000);
  });

  it('prints as many as are asked for', async () => {
    const text = await outputOf('1', '--most', '2');
    assert.match(text, /Version 1 took \d+ of \d+ test images for something else; the 2 most confident/);
    assert.equal(text.split('\n').filter((line) => EMOTIONS.some((label) => line.startsWith(label))).length, 2);
  });

  it('says so when there is no such version', async () => {
    const { exitCode, stderr } = await runBarometer(['models', 'mistakes', 'seven'], environment);
    assert.equal(exitCode, 1);
    assert.match(stderr, /"seven" is no version number/);
  });
});
