import assert from 'node:assert/strict';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { createStepMemory } from '../../../adapters/blob-storage/step-memory.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import { cacheKeys } from '../../../domain/names.ts';
import { useAzurite } from '../../support/azurite.ts';

const KEY = 'ab'.repeat(32);
const RECOLLECTION = {
  inputs: { images: 'cd', ratio: 0.2 },
  output: { name: 'split-1', digest: 'ef' },
  runName: '20261124T015500Z-1a2b3c4',
  gitSha: '1a'.repeat(20),
  createdAt: '2026-11-24T01:55:00.000Z',
};

describe('the memory of steps', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
  });

  it('recalls what it was told last, of that step and those inputs', async () => {
    const memory = createStepMemory(blobs);
    assert.equal(await memory.recall('split', KEY), null);
    await memory.remember('split', KEY, RECOLLECTION);
    await memory.remember('split', KEY, { ...RECOLLECTION, runName: 'later' });
    assert.deepEqual(await memory.recall('split', KEY), { ...RECOLLECTION, runName: 'later' });
    assert.equal(await memory.recall('train', KEY), null);
    assert.equal(await memory.recall('split', 'ba'.repeat(32)), null);
  });

  it('can be read and deleted by people, beside the runs\' folders', async () => {
    const memory = createStepMemory(blobs);
    await memory.remember('split', KEY, RECOLLECTION);
    const [blob] = await Array.fromAsync(blobs.list('runs', cacheKeys.prefix));
    assert.equal(blob!.name, `cache/split/${KEY}.json`);
    assert.match(Buffer.from((await blobs.read('runs', blob!.name)).bytes).toString(), /^ {2}"inputs": \{\n {4}"images": "cd",$/m);
    await blobs.remove('runs', blob!.name);
    assert.equal(await memory.recall('split', KEY), null);
  });

  it('has forgotten what can\'t be read', async () => {
    const memory = createStepMemory(blobs);
    for (const content of ['not JSON', '{}', '', JSON.stringify({ ...RECOLLECTION, gitSha: 'main' })]) {
      await blobs.write('runs', cacheKeys.step('split', KEY), content);
      assert.equal(await memory.recall('split', KEY), null, content);
    }
  });

  it('says so when the account is away, and does not call that forgotten', async () => {
    const away: BlobStore = { ...blobs, find: () => Promise.reject(new Failure('dependency-unavailable', 'away')) };
    await assert.rejects(createStepMemory(away).recall('split', KEY), (error) => isFailure(error, 'dependency-unavailable'));
  });
});
