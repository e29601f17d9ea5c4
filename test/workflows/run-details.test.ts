import assert from 'node:assert/strict';
import { toModelCard } from '../support/models.ts';
import { toRunState } from '../support/run-states.ts';
import { toDetails } from '../../workflows/run-details.ts';

describe('the details of a run', () => {
  it('are a table with a row for each step, in their order', () => {
    const lines = toDetails(toRunState()).split('\n');
    assert.equal(lines[0], '**Run 20261124T015500Z-1a2b3c4** of commit `1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d`');
    const rows = lines.slice(4);
    assert.deepEqual(
      rows.map((row) => row.split(' | ')[1]),
      ['ingest', 'resize', 'split', 'train', 'evaluate', 'register', 'build-image', 'approve', 'roll-out'],
    );
    for (const row of rows) assert.equal(toCells(row).length, 5, row);
  });

  it('say of a finished step how long it took and what came of it', () => {
    const state = toRunState({ split: { status: 'succeeded', startedAt: '2026-11-24T01:55:00.000Z', endedAt: '2026-11-24T01:55:04.250Z', note: '16 to train on' } });
    assert.match(toDetails(state), /^\| ✔ \| split \| succeeded \| 4\.3 s \| 16 to train on \|$/m);
  });

  it('do not claim a time for a step that has not ended', () => {
    const state = toRunState({ train: { status: 'running', startedAt: '2026-11-24T01:55:00.000Z', note: 'epoch 3 of 60' } });
    assert.match(toDetails(state), /^\| ▶ \| train \| running \| {2}\| epoch 3 of 60 \|$/m);
  });

  for (const [seconds, shown] of [[59.96, '1 min 0 s'], [119.7, '2 min 0 s'], [90, '1 min 30 s'], [3_725, '62 min 5 s']] as const) {
    it(`round ${seconds} seconds to ${shown}`, () => {
      const endedAt = new Date(Date.parse('2026-11-24T01:55:00.000Z') + seconds * 1000).toISOString();
      const state = toRunState({ train: { status: 'succeeded', startedAt: '2026-11-24T01:55:00.000Z', endedAt } });
      assert.equal(toCells(rowOf(toDetails(state), 'train'))[3]!.trim(), shown);
    });
  }

  it('stay one table when a note has pipes and line breaks', () => {
    const details = toDetails(toRunState({ train: { status: 'failed', note: 'a | b\n| c |\r\nd' } }));
    const row = rowOf(details, 'train');
    assert.equal(toCells(row).length, 5);
    assert.match(row, /a \\\| b \\\| c \\\| d/);
    assert.equal(details.split('\n').length, 4 + 9);
  });

  it('end with the gate and the model once there are some', () => {
    const state = { ...toRunState(), gate: { passed: true, reason: '58.0 % right.' }, model: { name: 'emotions-cnn', version: 7, accuracy: 0.58 } };
    assert.ok(toDetails(state).endsWith('\n\n**Gate:** passed. 58.0 % right.\n\n**Model:** emotions-cnn version 7'));
    assert.match(toDetails({ ...state, gate: { passed: false, reason: 'Too weak.' }, model: null }), /\*\*Gate:\*\* turned away\. Too weak\.$/);
  });

  it('show a person who has to decide how the candidate did, beside the champion, and what to type', () => {
    const { evaluation } = toModelCard();
    const approval = { decision: null, askedAt: '2026-11-24T01:55:00.000Z', deadline: '2026-11-27T01:55:00.000Z', by: null, reason: '', decidedAt: null };
    const state = { ...toRunState(), report: { evaluation, champion: { version: 6, evaluation, candidate: evaluation } }, approval };
    const details = toDetails(state);
    assert.match(details, /until 2026-11-27 01:55 UTC:\n`barometer approve 20261124T015500Z-1a2b3c4`/);
    assert.match(details, /\*\*Beside version 6\*\*/);
    assert.equal(toCells(rowOf(details, 'fearful')).length, 5);
    assert.match(toDetails({ ...state, approval: { ...approval, decision: 'approved', by: 'kim', reason: 'Fine.' } }), /\*\*Rollout approved\*\* by kim: Fine\./);
  });
});

function rowOf(details: string, step: string): string {
  return details.split('\n').find((line) => line.includes(`| ${step} |`))!;
}

/** The cells of a row as Markdown parts them: an escaped pipe belongs to the text. */
function toCells(row: string): string[] {
  return row.split(/(?<!\\)\|/).slice(1, -1);
}
