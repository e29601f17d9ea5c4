import assert from 'node:assert/strict';
import { FAILURE_KIND_NAMES } from '../../domain/failure.ts';
import { hyperparametersSchema, trainingEventSchema } from '../../domain/training.ts';

describe('hyperparameters', () => {
  it('have a default each', () => {
    const { seed, epochs, batchSize, ...rest } = hyperparametersSchema.parse({});
    assert.equal(seed, 1);
    assert.ok(epochs >= 1 && batchSize >= 1);
    for (const [name, value] of Object.entries(rest)) assert.equal(typeof value, 'number', name);
  });

  it('keep what is given beside the defaults', () => {
    const given = hyperparametersSchema.parse({ epochs: 3, seed: 0 });
    assert.deepEqual(given, { ...hyperparametersSchema.parse({}), epochs: 3, seed: 0 });
  });

  it('are refused where they make no sense', () => {
    const bad = [{ epochs: 0 }, { epochs: 1.5 }, { seed: -1 }, { learningRate: 0 }, { learningRate: Number.NaN }, { labelSmoothing: 1 }, { validationRatio: 0 }, { validationRatio: 1 }, { patience: 0 }];
    for (const each of bad) assert.equal(hyperparametersSchema.safeParse(each).success, false, JSON.stringify(each));
  });
});

describe('a training event', () => {
  it('may be a failure of every kind that there is, and of no other', () => {
    for (const kind of FAILURE_KIND_NAMES) assert.ok(trainingEventSchema.safeParse({ type: 'failed', kind, message: '' }).success, kind);
    assert.equal(trainingEventSchema.safeParse({ type: 'failed', kind: 'tired', message: '' }).success, false);
  });

  it('is told apart by its type', () => {
    assert.ok(trainingEventSchema.safeParse({ type: 'checkpoint', epoch: 2, bytes: 10 }).success);
    assert.equal(trainingEventSchema.safeParse({ type: 'checkpoint', epoch: 2 }).success, false);
    assert.equal(trainingEventSchema.safeParse({ type: 'applause' }).success, false);
  });
});
