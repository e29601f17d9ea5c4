import { toCandidateLabel } from '../../domain/candidates.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toPercent } from '../../domain/wording.ts';
import { shorten, toMarkdownTable, toText } from './markdown.ts';

const MOST_OF_A_FAILURE = 200;

/** The networks that were trained side by side; null where there was but one. */
export function toCandidatesTable({ candidates, candidate: best }: RunState): string | null {
  if (candidates.length === 0) return null;
  const rows = candidates.map(({ name, hyperparameters, validationAccuracy, failure }) => {
    const { seed, learningRate, weightDecay, labelSmoothing } = hyperparameters;
    const label = toText(toCandidateLabel(name) ?? name);
    const result = validationAccuracy === null ? toText(shorten(failure ?? '', MOST_OF_A_FAILURE)) : toPercent(validationAccuracy);
    return [name === best ? `**${label}**` : label, String(seed), String(learningRate), String(weightDecay), String(labelSmoothing), result];
  });
  const table = toMarkdownTable(
    [['candidate', 'left'], ['seed', 'right'], ['learning rate', 'right'], ['weight decay', 'right'], ['label smoothing', 'right'], ['validation', 'right']],
    rows,
  );
  return `### Candidates\n\n${table}`;
}
