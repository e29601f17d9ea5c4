import assert from 'node:assert/strict';
import type { StepMemory } from '../../activities/remembered.ts';
import { createRememberedWork } from '../../activities/remembered.ts';
import type { FailureKind } from '../../domain/failure.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { runActivity } from '../support/run-activity.ts';
import { createShortMemory } from '../support/step-memory.ts';

const INPUTS = { images: 'ab', ratio: 0.2 };
const MADE = { output: { name: 'split-1', digest: 'cd' }, runName: '20261124T015500Z-1a2b3c4', gitSha: '1a'.repeat(20) };

describe('work that was done before', () => {
  async function remember(memory: StepMemory, inputs: object = INPUTS): Promise<void> {
    await runActivity(() => createRememberedWork(memory, 'split').remember({ ...inputs }, MADE));
  }

  async function reuse<T>(memory: StepMemory, take: () => Promise<T | null>, inputs: object = INPUTS): Promise<T | null> {
    return (await runActivity(() => createRememberedWork(memory, 'split').reuse({ ...inputs }, take))).result;
  }

  const taken = async () => 'taken';

  it('is taken over with the same inputs, in whatever order', async () => {
    const memory = createShortMemory();
    await remember(memory);
    assert.equal(await reuse(memory, taken, { ratio: 0.2, images: 'ab' }), 'taken');
  });

  it('tells who made what of which inputs', async () => {
    const memory = createShortMemory();
    await remember(memory);
    const { result } = await runActivity(() => createRememberedWork(memory, 'split').reuse(INPUTS, async (former) => former));
    assert.deepEqual({ ...result, createdAt: '' }, { ...MADE, inputs: INPUTS, createdAt: '' });
  });

  it('is done anew with other inputs, and by another step', async () => {
    const memory = createShortMemory();
    await remember(memory);
    for (const inputs of [{ ...INPUTS, ratio: 0.3 }, { images: 'ab' }, { ...INPUTS, code: 'x' }]) assert.equal(await reuse(memory, taken, inputs), null);
    const { result } = await runActivity(() => createRememberedWork(memory, 'train').reuse(INPUTS, taken));
    assert.equal(result, null);
  });

  it('is done anew when its output is gone, or is not what it was', async () => {
    const memory = createShortMemory();
    await remember(memory);
    assert.equal(await reuse(memory, async () => null), null);
    for (const kind of ['not-found', 'data-corrupt'] as const) {
      assert.equal(await reuse(memory, () => Promise.reject(new Failure(kind, 'gone'))), null);
    }
  });

  it('is not done anew for an outage: a later attempt finds it', async () => {
    const memory = createShortMemory();
    await remember(memory);
    await assert.rejects(reuse(memory, () => Promise.reject(new Failure('dependency-unavailable', 'away'))), (error) => isFailure(error, 'dependency-unavailable'));
  });

  it('is simply done where nothing can be looked up or noted', async () => {
    const kind: FailureKind = 'access-denied';
    const broken: StepMemory = { recall: () => Promise.reject(new Failure(kind, 'no')), remember: () => Promise.reject(new Failure(kind, 'no')) };
    await remember(broken);
    assert.equal(await reuse(broken, taken), null);
  });

  it('is remembered as it was done last', async () => {
    const memory = createShortMemory();
    await remember(memory);
    await runActivity(() => createRememberedWork(memory, 'split').remember(INPUTS, { ...MADE, runName: 'later' }));
    const { result } = await runActivity(() => createRememberedWork(memory, 'split').reuse(INPUTS, async ({ runName }) => runName));
    assert.equal(result, 'later');
  });
});
