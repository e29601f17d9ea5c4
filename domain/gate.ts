import { z } from 'zod';
import type { Evaluation } from './evaluation.ts';

export const gateDecisionSchema = z.object({
  passed: z.boolean(),
  /** One sentence for people. */
  reason: z.string(),
});
export type GateDecision = z.infer<typeof gateDecisionSchema>;

export interface Contest {
  readonly candidate: Evaluation;
  /** The version that `latest` points at, on the very same test images; null when nothing is registered. */
  readonly champion: { readonly version: number; readonly evaluation: Evaluation } | null;
  readonly minimumAccuracy: number;
}

/**
 * Decides whether a candidate may be registered: it must reach the configured accuracy, and must not fall below the
 * champion's confidence interval on the same images.
 */
export function decideGate({ candidate, champion, minimumAccuracy }: Contest): GateDecision {
  const reached = percent(candidate.accuracy);
  if (candidate.samples === 0) return { passed: false, reason: 'There are no test images to judge it by.' };
  if (candidate.accuracy < minimumAccuracy) {
    return { passed: false, reason: `${reached} of test images right; at least ${percent(minimumAccuracy)} is asked for.` };
  }
  if (champion === null) return { passed: true, reason: `${reached} of test images right; the first model.` };
  const { version, evaluation } = champion;
  const comparison = `${reached} of test images right; version ${version} has ${percent(evaluation.accuracy)}`;
  if (candidate.accuracy < evaluation.accuracyInterval.lower) {
    return { passed: false, reason: `${comparison} and its interval begins at ${percent(evaluation.accuracyInterval.lower)}.` };
  }
  return { passed: true, reason: `${comparison} on the same ones.` };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
