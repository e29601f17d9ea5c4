import { z } from 'zod';
import type { CandidateState } from '../domain/run-state.ts';
import { epochMetricsSchema } from '../domain/training.ts';
import { toPercent } from '../domain/wording.ts';

/** What of a heartbeat is for people. */
const heartbeatSchema = z.object({
  note: z.string(),
  candidate: z.string().optional(),
  stage: z.string().optional(),
  finished: epochMetricsSchema.pick({ epoch: true, epochs: true, validationAccuracy: true }).optional(),
});
type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Two lines of a terminal, beside the step's name and time. */
const MOST_CHARACTERS = 120;

/**
 * One line of what the activities under way last said of themselves; candidates that train side by side share it.
 *
 * @param details of the heartbeats, in any order; those that say nothing for people are passed over
 * @param candidates of the run, as far as it knows them
 * @returns null when none of them said anything
 */
export function toPendingNote(details: readonly unknown[], candidates: readonly CandidateState[]): string | null {
  const heartbeats = details.flatMap((each) => heartbeatSchema.safeParse(each).data ?? []);
  const trainings = heartbeats.flatMap((each) => (each.candidate === undefined ? [] : [{ ...each, candidate: each.candidate }]));
  if (trainings.length === 0) return heartbeats[0]?.note ?? null;

  const done = candidates.filter(({ validationAccuracy, failure }) => validationAccuracy !== null || failure !== null).length;
  const parts = done === 0 ? [] : [`${done} of ${candidates.length} done`];
  const said = new Map<string, string[]>();
  for (const each of trainings.sort((a, b) => a.candidate.localeCompare(b.candidate, 'en', { numeric: true }))) {
    const text = trainings.length === 1 ? each.note : toBrief(each);
    said.set(text, [...(said.get(text) ?? []), each.candidate]);
  }
  for (const [text, names] of said) parts.push(`${names.join(', ')}: ${text}`);
  const line = parts.join('; ');
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}

function toBrief({ note, stage, finished }: Heartbeat): string {
  if (stage !== 'training' || finished === undefined) return note;
  return `epoch ${finished.epoch} of ${finished.epochs}, ${toPercent(finished.validationAccuracy)}`;
}
