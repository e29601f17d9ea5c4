import type { RunReport } from '../../domain/run-findings.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toPercent } from '../../domain/wording.ts';
import { toConfidence, toDelta } from './figures.ts';
import { toMarkdownTable, toText } from './markdown.ts';

/** How good the candidate is, beside the champion on the same images; null where nothing was measured. */
export function toAccuracy({ report, accuracy, gate, model }: RunState): string | null {
  if (report === null && accuracy === null) return null;
  return [
    '### Accuracy',
    report === null ? `**${toPercent(accuracy!)}** of the unseen images right.` : toOwn(report),
    ...(report === null ? [] : toContest(report.champion, model === null || model.version === report.champion?.version ? 'this candidate' : `version ${model.version}`)),
    ...(gate === null ? [] : [`**Gate:** ${gate.passed ? 'passed' : 'turned away'}. ${toText(gate.reason)}`]),
  ].join('\n\n');
}

function toOwn({ evaluation }: RunReport): string {
  const { accuracy, accuracyInterval, samples } = evaluation;
  return `**${toPercent(accuracy)}** of ${samples} unseen images right (${toConfidence(accuracyInterval)}).`;
}

function toContest(champion: RunReport['champion'], name: string): string[] {
  if (champion === null) return ['There is no earlier version to compare with.'];
  const { version, evaluation: old, candidate } = champion;
  if (old.samples === 0) return [`It can't be compared with version ${version}, which was trained on all of these images.`];
  const toRow = (who: string, { accuracy, accuracyInterval }: typeof old, delta: string) => [who, toPercent(accuracy), `${toPercent(accuracyInterval.lower)} to ${toPercent(accuracyInterval.upper)}`, delta];
  return [
    toMarkdownTable(
      [[`on the ${old.samples} images that neither has seen`, 'left'], ['right', 'right'], ['95 % confidence', 'right'], ['points', 'right']],
      [toRow(`**${name}**`, candidate, `**${toDelta(candidate.accuracy - old.accuracy)}**`), toRow(`version ${version} (champion)`, old, '')],
    ),
  ];
}
