import type { Robustness } from '../../domain/robustness.ts';
import { STRENGTHS } from '../../domain/robustness.ts';
import { toPercent } from '../../domain/wording.ts';
import { toTable } from './table.ts';

/** Accuracy on the same images when they are made worse: a row for each way, and one for each size of small faces. */
export function toRobustnessTables({ images, accuracy, disturbances, smallFaces }: Robustness): string {
  const ways = disturbances.map(({ name, ...shares }) => [name, ...STRENGTHS.map((strength) => toPercent(shares[strength]))]);
  const sizes = smallFaces.map(({ side, accuracy: share }) => [`${side} pixels`, toPercent(share)]);
  return [
    `${images} of the unseen images made worse; as they are, ${toPercent(accuracy)} are answered rightly`,
    toTable(['', ...STRENGTHS], ways),
    '',
    toTable(['faces of', 'accuracy'], sizes),
  ].join('\n');
}
