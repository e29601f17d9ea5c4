import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { compareRuns } from '../../../cli/runs/compare-runs.ts';
import { toFiledEntry } from '../../../cli/runs/run-entry.ts';
import type { ComparableRun } from '../../../cli/runs/read-comparable.ts';
import { toComparisonText } from '../../../cli/output/comparison-text.ts';
import { EMOTIONS, toPerEmotion } from '../../../domain/emotion.ts';
import { evaluate } from '../../../domain/evaluation.ts';
import type { RunState } from '../../../domain/run-state.ts';
import { createTestRepository } from '../../support/git-repository.ts';
import type { TestRepository } from '../../support/git-repository.ts';
import { toModelCard } from '../../support/models.ts';
import { toRunState } from '../../support/run-states.ts';

const COLUMNS = 80;

describe('a comparison of two runs', () => {
  let repository: TestRepository;
  let commits: [string, string, string];

  before('make a repository', () => {
    repository = createTestRepository();
    commits = [repository.commit({ file: '1' }), repository.commit({ file: '2' }), repository.commit({ file: '3' })];
  });

  after('remove it', () => { repository.remove(); });

  /** Trained and measured; three of four right. */
  function toComparable(changes: Partial<RunState> = {}, images = 5): ComparableRun {
    const card = toModelCard();
    const measured: RunState = {
      ...toRunState({ train: { status: 'succeeded', startedAt: '2026-11-24T01:56:00.000Z', endedAt: '2026-11-24T01:57:00.000Z' } }),
      outcome: 'registered',
      datasetVersion: 'd1',
      splitVersion: 'd1.test-0.2',
      report: { evaluation: card.evaluation, champion: null },
      ...changes,
    };
    const entry = toFiledEntry({ workflowId: 'w', runId: 'r', status: 'succeeded', reason: null, startedAt: '2026-11-24T01:55:00.000Z', endedAt: '2026-11-24T01:58:00.000Z', state: measured });
    return { entry, state: measured, card, images: toPerEmotion(() => images), split: null };
  }

  it('finds nothing different about a run and itself', async () => {
    const { differences, same, commits: counted, accuracy } = await compareRuns(toComparable(), toComparable(), repository.directory);
    assert.deepEqual(differences, []);
    assert.ok(same.includes('learningRate') && same.includes('data set'));
    assert.deepEqual(counted, { onlyA: 0, onlyB: 0 });
    assert.equal(accuracy!.onSameImages, true);
    assert.deepEqual(accuracy!.recall, toPerEmotion(() => 0));
  });

  it('names what was other: commit, data, counts, switches and hyperparameters, and nothing else', async () => {
    const a = toComparable({ gitSha: commits[0] });
    const { input } = a.state;
    const b = toComparable({ gitSha: commits[2], datasetVersion: 'd2', splitVersion: 'd2.test-0.2', input: { ...input, candidates: 4, hyperparameters: { ...input.hyperparameters, learningRate: 0.01 } } }, 6);
    const { differences, commits: counted, accuracy } = await compareRuns(a, b, repository.directory);
    assert.deepEqual(
      differences.map(({ what, a: ofA, b: ofB }) => [what, ofA, ofB]),
      [
        ['commit', commits[0], commits[2]],
        ['data set', 'd1', 'd2'],
        ['images', '20: 5 happy, 5 sad, 5 angry, 5 fearful', '24: 6 happy, 6 sad, 6 angry, 6 fearful'],
        ['split', 'd1.test-0.2', 'd2.test-0.2'],
        ['candidates', '1', '4'],
        ['learningRate', '0.002', '0.01'],
      ],
    );
    assert.deepEqual(counted, { onlyA: 0, onlyB: 2 });
    assert.equal(accuracy!.onSameImages, false);
  });

  it('tells recall apart by label, and shows what was seen as what side by side', async () => {
    const better = evaluate(EMOTIONS.flatMap((truth) => [truth, truth, truth, truth === 'sad' ? truth : 'happy' as const].map((answer) => ({ truth, answer }))));
    const comparison = await compareRuns(toComparable(), toComparable({ report: { evaluation: better, champion: null } }), repository.directory);
    assert.equal(comparison.accuracy!.recall.sad, 0.25);
    assert.equal(comparison.accuracy!.recall.angry, 0);
    const text = toComparisonText(comparison);
    assert.match(text, /^sad +75\.0 % +100\.0 % +\+25\.0$/m);
    assert.match(text, /^is sad +0 +3 +1 +0 +│ +0 +4 +0 +0$/m);
    assert.match(text, /the intervals overlap; on the same test images/);
    for (const line of text.split('\n')) assert.ok(line.length <= COLUMNS, line);
  });

  it('says how long each step took, or why it took no time', async () => {
    const cached = toComparable({ steps: toRunState({ train: { status: 'succeeded', startedAt: '2026-11-24T01:56:00.000Z', endedAt: '2026-11-24T01:56:01.000Z', cachedFrom: 'r' } }).steps });
    const { times } = await compareRuns(toComparable(), cached, repository.directory);
    assert.deepEqual(times, [{ step: 'train', a: { ms: 60_000 }, b: { instead: 'from an earlier run' } }]);
  });

  it('does without a repository that knows the commits, and without figures', async () => {
    const a = toComparable({ gitSha: commits[0], report: null });
    const { commits: counted, accuracy } = await compareRuns({ ...a, card: null }, toComparable({ gitSha: 'f'.repeat(40) }), repository.directory);
    assert.equal(counted, null);
    assert.equal(accuracy, null);
  });

  it('counts commits of branches that parted', async () => {
    repository.git('checkout', '--quiet', '-b', 'side', commits[0]);
    const side = repository.commit({ other: '1' });
    const { commits: counted } = await compareRuns(toComparable({ gitSha: side }), toComparable({ gitSha: commits[2] }), repository.directory);
    assert.deepEqual(counted, { onlyA: 1, onlyB: 2 });
  });
});
