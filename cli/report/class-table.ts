import { EMOTIONS } from '../../domain/emotion.ts';
import type { RunReport } from '../../domain/run-findings.ts';
import { toPercent } from '../../domain/wording.ts';
import { toDelta } from './figures.ts';
import { toMarkdownTable } from './markdown.ts';

const SCORES = ['precision', 'recall', 'f1'] as const;

/** How each expression is told apart, with the difference to the champion on the images that neither has seen. */
export function toClassTable({ evaluation, champion }: RunReport): string {
  const rival = champion !== null && champion.evaluation.samples > 0 ? champion : null;
  const table = toMarkdownTable(
    [['expression', 'left'], ['precision', 'right'], ['recall', 'right'], ['F1', 'right'], ['images', 'right']],
    EMOTIONS.map((emotion) => {
      const own = evaluation.perClass[emotion];
      const scores = SCORES.map((score) => {
        const delta = rival === null ? '' : ` <sub>${toDelta(rival.candidate.perClass[emotion][score] - rival.evaluation.perClass[emotion][score])}</sub>`;
        return `${toPercent(own[score])}${delta}`;
      });
      return [emotion, ...scores, String(own.samples)];
    }),
  );
  const note = rival === null ? [] : [`<sub>▲ ▼ percentage points against version ${rival.version}, on the ${rival.evaluation.samples} images that neither has seen.</sub>`];
  return ['### By expression', table, ...note].join('\n\n');
}
