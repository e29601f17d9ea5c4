import assert from 'node:assert/strict';
import { createUnconfiguredCompute } from '../../../adapters/compute/unconfigured.ts';
import { isFailure } from '../../../domain/failure.ts';

describe('a compute without settings', () => {
  it('says what to set when something is to be trained, and has nothing to end', async () => {
    const compute = createUnconfiguredCompute('Set this.');
    await assert.rejects(compute.run(), (error) => isFailure(error, 'configuration-invalid') && error.message === 'Set this.');
    await compute.end();
  });
});
