import { EMOTIONS } from '../../domain/emotion.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import { toAttribute, toMarkdownTable } from './markdown.ts';

/** From little to all of a row; GitHub lets no colour through, characters it does. */
const SHADES = [
  { upTo: 0.05, mark: '' },
  { upTo: 0.25, mark: '░░ ' },
  { upTo: 0.5, mark: '▒▒ ' },
  { upTo: 0.75, mark: '▓▓ ' },
  { upTo: Infinity, mark: '██ ' },
] as const;

/** How often each expression was taken for which, as a picture, or as a table with the shares shaded. */
export function toConfusion(evaluation: Evaluation, picture: string | null): string {
  return ['### Taken for what', picture === null ? toShadedTable(evaluation) : `<img src="${toAttribute(picture)}" alt="Confusion matrix" width="480">`].join('\n\n');
}

function toShadedTable({ confusion }: Evaluation): string {
  return toMarkdownTable(
    [['truth ↓ answer →', 'left'], ...EMOTIONS.map((emotion) => [emotion, 'right'] as const)],
    confusion.map((row, truth) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return [`**${EMOTIONS[truth]!}**`, ...row.map((count, answer) => toCell(count, total, truth === answer))];
    }),
  );
}

function toCell(count: number, total: number, isRight: boolean): string {
  const share = total === 0 ? 0 : count / total;
  const text = `${Math.round(share * 100)} %`;
  return `${SHADES.find(({ upTo }) => share <= upTo)!.mark}${isRight ? `**${text}**` : text} <sub>${count}</sub>`;
}
