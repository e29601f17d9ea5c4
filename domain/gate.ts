import { z } from 'zod';
import type { Evaluation } from './evaluation.ts';
import { toPercent } from './wording.ts';

export const gateDecisionSchema = z.object({
  passed: z.boolean(),
  /** One sentence for people. */
  reason: z.string(),
});
export type GateDecision = z.infer<typeof gateDecisionSchema>;

/** The version that `latest` points at, measured anew beside the candidate. */
export interface Champion {
  readonly version: number;
  /** On the test images that neither of the two was trained on. */
  readonly evaluation: Evaluation;
  /** The candidate on those same images. */
  readonly candidate: Evaluation;
}

export interface Contest {
  readonly candidate: Evaluation;
  /** Null when nothing is registered that sees images as the candidate does. */
  readonly champion: Champion | null;
  readonly minimumAccuracy: number;
}

/**
 * Decides whether a candidate may be registered: it must reach the configured accuracy, and must not fall below the
 * champion's confidence interval on the same images.
 */
export function decideGate({ candidate, champion, minimumAccuracy }: Contest): GateDecision {
  if (candidate.samples === 0) return { passed: false, reason: 'There are no test images to judge it by.' };
  const reached = `${toPercent(candidate.accuracy)} of the test images right`;
  if (candidate.accuracy < minimumAccuracy) {
    return { passed: false, reason: `${reached}; at least ${toPercent(minimumAccuracy)} is asked for.` };
  }
  if (champion === null) return { passed: true, reason: `${reached}; there is no earlier model to compare with.` };
  if (champion.evaluation.samples === 0) {
    return { passed: true, reason: `${reached}; it can't be compared with version ${champion.version}, which has seen all of them.` };
  }
  const { lower } = champion.evaluation.accuracyInterval;
  const comparison = `${toPercent(champion.candidate.accuracy)} right where version ${champion.version} has ${toPercent(champion.evaluation.accuracy)}`;
  return champion.candidate.accuracy < lower
    ? { passed: false, reason: `${comparison}, whose interval begins at ${toPercent(lower)}.` }
    : { passed: true, reason: `${comparison}, on the same images.` };
}
