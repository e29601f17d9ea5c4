import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createRunLog } from '../../../cli/output/run-log.ts';
import { toRunState } from '../../support/run-states.ts';
import { toTrainedState } from '../../support/reported-runs.ts';

function createLog() {
  const said: string[] = [];
  const annotated: string[] = [];
  const log = createRunLog({
    open: (title) => said.push(`[ ${title}`),
    close: () => said.push(']'),
    say: (line) => said.push(line),
    annotate: (level, title, text) => annotated.push(`${level}: ${title}: ${text}`),
  });
  return { log, said, annotated };
}

const STARTED = '2026-11-24T01:55:00.000Z';
const RUNNING = { status: 'running', startedAt: STARTED } as const;
const DONE = { status: 'succeeded', startedAt: STARTED, endedAt: '2026-11-24T01:55:04.200Z', note: '12 images' } as const;
const APPROVAL = { decision: null, askedAt: STARTED, deadline: '2026-11-27T01:55:00.000Z', by: null, reason: '', decidedAt: null } as const;

describe('the run in the log of a job', () => {
  it('folds what a step says below its name, and leaves what came of it standing', () => {
    const { log, said } = createLog();
    log.show(toRunState({ ingest: { ...RUNNING, note: '3 of 12' } }));
    log.show(toRunState({ ingest: DONE, resize: RUNNING }));
    log.end();
    assert.equal(said[0], '[ ingest');
    assert.match(said[1]!, / 3 of 12$/);
    assert.deepEqual(said.slice(2), [']', '  ✔ ingest              4.2 s   12 images', '[ resize', ']']);
  });

  it('says progress now and then, and nothing twice', () => {
    const { log, said } = createLog();
    for (const note of ['epoch 1', 'epoch 1', 'epoch 2', 'epoch 3']) log.show(toRunState({ train: { ...RUNNING, note } }));
    assert.equal(said.length, 2);
  });

  it('says once that no worker answers, until one does', () => {
    const { log, said } = createLog();
    for (const state of [null, null, toRunState(), null]) log.show(state);
    assert.deepEqual(said, ['  … waiting for a worker to answer', '  … waiting for a worker to answer']);
  });

  it('annotates the gate\'s decision once', () => {
    const { log, annotated } = createLog();
    const state = { ...toTrainedState(), steps: toRunState().steps };
    log.show(state);
    log.show({ ...state, runName: 'changed' });
    assert.deepEqual(annotated, [`notice: The gate let the candidate pass: ${state.gate!.reason}`]);
    const rejected = createLog();
    rejected.log.show({ ...state, gate: { passed: false, reason: 'Too weak.' } });
    assert.deepEqual(rejected.annotated, ['warning: The gate turned the candidate away: Too weak.']);
  });

  it('annotates a step that was taken over', () => {
    const { log, annotated } = createLog();
    log.show(toRunState({ ingest: { ...DONE, cachedFrom: 'a-run' } }));
    assert.deepEqual(annotated, ['notice: ingest: nothing was done again: Taken over from run a-run, which had the same inputs. 12 images']);
    const other = createLog();
    other.log.show(toRunState({ ingest: { ...DONE, note: 'as in run a-run: 12 images', cachedFrom: 'a-run' } }));
    assert.deepEqual(other.annotated, ['notice: ingest: nothing was done again: as in run a-run: 12 images']);
  });

  it('annotates that a person is waited for, with the commands', () => {
    const { log, annotated } = createLog();
    log.show({ ...toRunState(), approval: APPROVAL });
    assert.match(annotated.join('\n'), /^notice: A person must let the rollout through: barometer approve 20261124T015500Z-1a2b3c4, .* by 2026-11-27 01:55 UTC$/);
  });

  it('annotates a skipped deployment with what to set, each thing once', () => {
    const { log, annotated } = createLog();
    const skipped = (note: string) => ({ status: 'skipped', note }) as const;
    log.show(toRunState({ 'build-image': skipped('Set A.'), 'roll-out': skipped('Set B.') }));
    assert.deepEqual(annotated, ['notice: Not rolled out: Set A. Set B.']);
  });

  it('is silent about a deployment that nobody wanted, or that was not let through', () => {
    const { log, annotated } = createLog();
    const state = toRunState({ 'build-image': { status: 'skipped', note: 'x' }, 'roll-out': { status: 'skipped', note: 'x' } });
    log.show({ ...state, input: { ...state.input, deploy: 'off' } });
    log.show({ ...state, outcome: 'not-approved' });
    log.show({ ...state, outcome: 'rejected' });
    assert.deepEqual(annotated, []);
  });
});
