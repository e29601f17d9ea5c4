import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensorBoard } from '../../../adapters/tensorflow/tensorboard.ts';

describe('TensorBoard events', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-tensorboard-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('are on disk after every epoch, one curve for each number', async () => {
    const board = createTensorBoard(directory);
    board.write({ epoch: 1, epochs: 2, loss: 1, accuracy: 0.5, validationLoss: 1.1, validationAccuracy: 0.4, learningRate: 0.001, seconds: 1, imagesPerSecond: 400 });
    const [file, ...others] = await readdir(directory);
    assert.deepEqual(others, []);
    const text = (await readFile(join(directory, file!))).toString('latin1');
    for (const name of ['loss/training', 'loss/validation', 'accuracy/training', 'accuracy/validation', 'learning-rate']) assert.ok(text.includes(name), name);
    board.close();
  });
});
