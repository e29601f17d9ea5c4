import { EMOTIONS } from '../../domain/emotion.ts';
import { toNumberOf, toPercent } from '../../domain/wording.ts';
import type { Difference, RunComparison, StepTime } from '../runs/compare-runs.ts';
import { toAccuracyText } from './evaluation-text.ts';
import { COLUMNS, toFacts, wrap } from './facts.ts';
import { toSpan } from './format.ts';
import { toStatusText } from './run-status.ts';
import { toTable } from './table.ts';

/** What is different about two runs, for a terminal. */
export function toComparisonText(comparison: RunComparison): string {
  const { a, b, same, accuracy, times } = comparison;
  return [
    toFacts([
      ['A', `${a.runName}, ${toStatusText(a)}`],
      ['B', `${b.runName}, ${toStatusText(b)}`],
      ['code', toCommits(comparison)],
    ]),
    ...(comparison.differences.length === 0 ? [] : ['', toDifferences(comparison.differences)]),
    ...(same.length === 0 ? [] : ['', ...wrap(`The same: ${same.join(', ')}.`, COLUMNS)]),
    '',
    ...(accuracy === null ? ['Accuracy can\'t be compared: not both were measured.'] : toAccuracy(accuracy)),
    ...(times.length === 0 ? [] : ['', toTable(['step', 'A', 'B'], times.map(({ step, a: ofA, b: ofB }) => [step, toTime(ofA), toTime(ofB)]))]),
  ].join('\n');
}

function toCommits({ a, b, commits }: RunComparison): string {
  if (a.gitSha === b.gitSha) return 'the same commit';
  if (commits === null) return 'different commits, not both of which this repository knows';
  const { onlyA, onlyB } = commits;
  if (onlyA === 0) return `B is ${toNumberOf(onlyB, 'commit')} ahead of A`;
  if (onlyB === 0) return `A is ${toNumberOf(onlyA, 'commit')} ahead of B`;
  return `they parted: ${toNumberOf(onlyA, 'commit')} in A alone, ${toNumberOf(onlyB, 'commit')} in B alone`;
}

/** Beside each other where that fits; otherwise below each other. */
function toDifferences(differences: readonly Difference[]): string {
  const table = toTable(['', 'A', 'B'], differences.map(({ what, a, b }) => [what, a ?? '–', b ?? '–']));
  if (table.split('\n').every((line) => line.length <= COLUMNS)) return table;
  return toFacts(differences.flatMap(({ what, a, b }): [string, string][] => [[what, `A ${a ?? '–'}`], ['', `B ${b ?? '–'}`]]));
}

function toAccuracy({ a, b, recall, onSameImages }: NonNullable<RunComparison['accuracy']>): string[] {
  const rows = EMOTIONS.map((emotion) => [emotion, toPercent(a.perClass[emotion].recall), toPercent(b.perClass[emotion].recall), toPoints(recall[emotion])]);
  const confusion = EMOTIONS.map((emotion, truth) => [`is ${emotion}`, ...a.confusion[truth]!.map(String), '│', ...b.confusion[truth]!.map(String)]);
  const overlap = a.accuracyInterval.lower <= b.accuracyInterval.upper && b.accuracyInterval.lower <= a.accuracyInterval.upper;
  return [
    toFacts([
      ['A', toAccuracyText(a)],
      ['B', toAccuracyText(b)],
      ['B less A', `${toPoints(b.accuracy - a.accuracy)} points${overlap ? '; the intervals overlap' : ''}; ${onSameImages ? 'on the same test images' : 'on other test images, so that chance and data both have a part in it'}`],
    ]),
    '',
    toTable(['recall', 'A', 'B', 'B less A'], rows),
    '',
    'What was seen as what, A on the left, B on the right:',
    toTable(['', ...EMOTIONS, '│', ...EMOTIONS], confusion),
  ];
}

function toPoints(difference: number): string {
  const points = (difference * 100).toFixed(1);
  if (Number(points) === 0) return '±0.0';
  return difference > 0 ? `+${points}` : points.replace('-', '−');
}

function toTime(time: StepTime): string {
  return 'ms' in time ? toSpan(time.ms) : time.instead;
}
