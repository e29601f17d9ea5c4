import assert from 'node:assert/strict';
import { isFailure } from '../../domain/failure.ts';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState } from '../../domain/run-state.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { toFailedStep, toRestartStep, toRetryInput } from '../../domain/retry.ts';
import { GIT_SHA } from '../support/models.ts';
import { toRunState } from '../support/run-states.ts';

const OTHER_SHA = 'f'.repeat(40);

/** A run that came to its end. */
const DONE: RunState = {
  ...toRunState(),
  inventory: 'inventories/a.json',
  datasetVersion: 'data',
  splitVersion: 'data.test-0.2',
  candidate: 'a',
  accuracy: 0.6,
  gate: { passed: true, reason: 'Good enough.' },
  model: { name: 'emotions-cnn', version: 3, accuracy: 0.6 },
  images: [{ image: 'api', reference: 'r/api:a', digest: 'sha256:a', isNew: true }],
};

function retry(former: RunState, from: PipelineStep, gitSha = GIT_SHA) {
  return toRetryInput(former, { from, gitSha });
}

function refuses(former: RunState, from: PipelineStep, why: RegExp, gitSha = GIT_SHA): void {
  assert.throws(() => retry(former, from, gitSha), (error) => isFailure(error, 'input-invalid') && why.test(error.message));
}

describe('trying a run again', () => {
  it('begins with the first step that is not done, though it was a later one that failed', () => {
    assert.equal(toRestartStep(toRunState({ ingest: { status: 'succeeded' }, resize: { status: 'skipped' } })), 'split');
    assert.equal(toRestartStep(toRunState({ 'build-image': { status: 'failed' } })), 'ingest');
  });

  it('begins with the decision after a no, and with nothing where all is done', () => {
    assert.equal(toRestartStep({ ...toRunState(), outcome: 'not-approved' }), 'approve');
    const done = toRunState();
    assert.equal(toRestartStep({ ...done, steps: done.steps.map((each) => ({ ...each, status: 'succeeded' })) }), null);
  });

  it('tells where it failed, was cancelled, or stopped running', () => {
    for (const status of ['failed', 'cancelled', 'running'] as const) assert.equal(toFailedStep(toRunState({ ingest: { status: 'succeeded' }, train: { status } })), 'train');
    assert.equal(toFailedStep(toRunState({ ingest: { status: 'succeeded' } })), null);
  });

  it('takes over what the steps before made, and nothing after', () => {
    const { reuse } = retry(DONE, 'train');
    assert.deepEqual([reuse!.runName, reuse!.from, reuse!.inventory, reuse!.datasetVersion, reuse!.splitVersion], [DONE.runName, 'train', 'inventories/a.json', 'data', 'data.test-0.2']);
    assert.deepEqual([reuse!.candidate, reuse!.accuracy, reuse!.gate, reuse!.model, reuse!.images], [null, null, null, null, []]);
  });

  it('keeps the switches, and is an input that the pipeline takes', () => {
    const former = { ...DONE, input: { ...DONE.input, splitRatio: 0.3, candidates: 2 } };
    const input = retry(former, 'build-image');
    assert.deepEqual([input.splitRatio, input.candidates], [0.3, 2]);
    assert.deepEqual(pipelineInputSchema.parse(input), input);
  });

  it('begins anew with the first step', () => {
    assert.equal(retry(toRunState({ ingest: { status: 'failed' } }), 'ingest').reuse!.inventory, null);
  });

  const LACKS: readonly [PipelineStep, Partial<RunState>, RegExp][] = [
    ['resize', { inventory: null }, /no inventory .* --from ingest/],
    ['split', { datasetVersion: null }, /no data set .* --from resize/],
    ['train', { splitVersion: null }, /no split .* --from split/],
    ['evaluate', { candidate: null }, /no candidate .* --from train/],
    ['register', { gate: null }, /no evaluation .* --from evaluate/],
    ['build-image', { model: null }, /no model .* --from register/],
    ['roll-out', { images: [] }, /no images .* --from build-image/],
  ];
  for (const [from, lack, why] of LACKS) {
    it(`says what "${from}" lacks, and what makes it`, () => {
      refuses({ ...DONE, ...lack }, from, why);
    });
  }

  it('does not ask for what a switched-off step was never to make', () => {
    const former = { ...DONE, input: { ...DONE.input, process: false, split: false, train: false }, datasetVersion: null, splitVersion: null, candidate: null, model: null };
    assert.equal(retry(former, 'roll-out').reuse!.images.length, 1);
  });

  it('does not go past a gate that turned the candidate away', () => {
    const rejected = { ...DONE, gate: { passed: false, reason: 'Too weak.' } };
    refuses(rejected, 'build-image', /Too weak\..* --from evaluate/);
    assert.equal(retry(rejected, 'evaluate').reuse!.gate, null);
  });

  it('does not go past a person who has not said yes', () => {
    const former = { ...DONE, input: { ...DONE.input, approval: true } };
    const approval = { decision: 'approved', askedAt: '', deadline: '', by: 'kim', reason: '', decidedAt: '' } as const;
    refuses(former, 'roll-out', /not approved.* --from approve/);
    refuses({ ...former, approval: { ...approval, decision: 'rejected' } }, 'roll-out', /not approved/);
    assert.equal(retry({ ...former, approval }, 'roll-out').reuse!.approval!.by, 'kim');
    assert.equal(retry(former, 'approve').reuse!.approval, null);
  });

  it('goes on with another commit where that tells no untruth', () => {
    for (const from of ['train', 'evaluate', 'build-image'] as const) assert.equal(retry(DONE, from, OTHER_SHA).gitSha, OTHER_SHA);
    refuses(DONE, 'register', /made by commit .* --from evaluate/, OTHER_SHA);
    refuses(DONE, 'roll-out', /are of commit .* --from build-image/, OTHER_SHA);
  });
});
