import { z } from 'zod';

export const intervalSchema = z.object({ lower: z.number(), upper: z.number() });
export type Interval = z.infer<typeof intervalSchema>;

/** The 97.5 % quantile of the normal distribution: two-sided 95 % confidence. */
const Z_95 = 1.959964;

/**
 * The Wilson score interval at 95 % for a share seen as `successes` of `trials`.
 * Unlike the textbook interval it stays inside 0..1 and holds for small samples (Wilson 1927).
 */
export function toWilsonInterval(successes: number, trials: number): Interval {
  if (trials === 0) return { lower: 0, upper: 1 };
  const share = successes / trials;
  const z2 = Z_95 ** 2;
  const centre = share + z2 / (2 * trials);
  const spread = Z_95 * Math.sqrt((share * (1 - share) + z2 / (4 * trials)) / trials);
  const scale = 1 + z2 / trials;
  return { lower: Math.max(0, (centre - spread) / scale), upper: Math.min(1, (centre + spread) / scale) };
}
