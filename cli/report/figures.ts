import { toPercent } from '../../domain/wording.ts';
import type { Interval } from '../../domain/statistics.ts';

/** `95 % confidence: 77.3 % to 88.6 %`. */
export function toConfidence({ lower, upper }: Interval): string {
  return `95 % confidence: ${toPercent(lower)} to ${toPercent(upper)}`;
}

/** A difference of two shares in percentage points: `▲ 2.1`, `▼ 1.3`, `± 0.0`. */
export function toDelta(difference: number): string {
  const points = (Math.abs(difference) * 100).toFixed(1);
  if (points === '0.0') return '± 0.0';
  return `${difference > 0 ? '▲' : '▼'} ${points}`;
}
