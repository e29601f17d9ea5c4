import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadClassifier } from '../../../adapters/onnx/classifier.ts';
import { exportOnnx } from '../../../adapters/tensorflow/onnx-export.ts';
import { measureParity } from '../../../adapters/tensorflow/parity.ts';
import { findView } from '../../../adapters/tensorflow/weights.ts';
import { decodeGreyPng } from '../../../adapters/vision/grey-png.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { LARGEST_PARITY_DIFFERENCE } from '../../../domain/training.ts';
import { drawFaces } from './drawn-faces.ts';
import { createTrainedWeights } from './trained-weights.ts';

const TEST_DATA = process.env['BAROMETER_TEST_DATA'] ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

async function differenceOn(images: readonly Uint8Array[]): Promise<number> {
  const weights = createTrainedWeights();
  const classifier = await loadClassifier(exportOnnx(weights));
  try {
    return await measureParity(weights, classifier, images);
  } finally {
    await classifier.close();
  }
}

describe('the ONNX export', () => {
  it('answers as the trained network does, with normalisation folded in', async () => {
    const blank = [new Uint8Array(2304), new Uint8Array(2304).fill(255)];
    const difference = await differenceOn([...drawFaces(4).map(({ pixels }) => pixels), ...blank]);
    assert.ok(difference < LARGEST_PARITY_DIFFERENCE, `${difference}`);
  });

  it('answers as the trained network does on photographs', async function () {
    const folders = await Promise.all(EMOTIONS.map((label) => readdir(join(TEST_DATA, 'fer800', label)).catch(() => null)));
    if (folders.includes(null)) return this.skip();
    const files = EMOTIONS.flatMap((label, index) => folders[index]!.sort().slice(0, 8).map((file) => join(TEST_DATA, 'fer800', label, file)));
    const images = await Promise.all(files.map(async (file) => decodeGreyPng(await readFile(file))));
    const difference = await differenceOn(images);
    assert.ok(difference < LARGEST_PARITY_DIFFERENCE, `${difference}`);
  });

  it('is noticed when it is of another network', async () => {
    const weights = createTrainedWeights();
    const classifier = await loadClassifier(exportOnnx(weights));
    findView(weights, 'edges/offset').fill(0.5);
    const difference = await measureParity(weights, classifier, drawFaces(1).map(({ pixels }) => pixels));
    await classifier.close();
    assert.ok(difference > LARGEST_PARITY_DIFFERENCE, `${difference}`);
  });

  it('is the same file every time', () => {
    assert.deepEqual(exportOnnx(createTrainedWeights()), exportOnnx(createTrainedWeights()));
  });

  it('carries what it is told about itself', () => {
    const text = Buffer.from(exportOnnx(createTrainedWeights(), { gitSha: 'f00dfeed' })).toString('latin1');
    assert.match(text, /gitSha.{2,4}f00dfeed/s);
  });
});
