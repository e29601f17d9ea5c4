import { z } from 'zod';
import { gitShaSchema } from './git-sha.ts';
import type { GitSha } from './git-sha.ts';
import { pipelineInputSchema } from './pipeline.ts';
import { toNumberOf } from './wording.ts';

/** What a schedule asks for whenever its time has come. */
export const scheduledRunInputSchema = z.object({
  /** When that is, in words for people. */
  when: z.string(),
  /** Null: the commit of the worker that takes it. */
  gitSha: gitShaSchema.nullable().default(null),
  /** The switches of the run. */
  run: pipelineInputSchema.omit({ gitSha: true, reuse: true }),
  /** End at once when the raw images are those that the newest finished run has used. */
  onlyIfNewData: z.boolean().default(false),
  /** Wait until no image has come for so long; 0: don't. */
  settleMinutes: z.number().nonnegative().default(0),
  /** Images that go on coming are waited for no longer than this. */
  mostWaitMinutes: z.number().positive().default(120),
});
export type ScheduledRunInput = z.infer<typeof scheduledRunInputSchema>;

/** How the raw images differ from those that the newest finished run has used. */
export interface NewImages {
  readonly images: number;
  /** Of all names and ETags. */
  readonly digest: string;
  readonly isChanged: boolean;
  /** Those that the finished run did not have; none where images were only removed. */
  readonly newImages: number;
  /** For how long the newest and the oldest of them have been there; null when there are none. */
  readonly newestAgeMs: number | null;
  readonly oldestAgeMs: number | null;
}

/** The last run that was started for these images by this commit, and how many of them in a row. */
export interface TriedImages {
  readonly digest: string;
  readonly gitSha: GitSha;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly times: number;
}

export type ScheduledRunOutcome = 'started' | 'joined' | 'nothing-new' | 'uploads-under-way' | 'tried-already';

/** What became of a schedule's turn. */
export interface ScheduledRunResult {
  readonly outcome: ScheduledRunOutcome;
  /** One line for people. */
  readonly note: string;
  readonly gitSha: GitSha;
  /** The run that was started or joined. */
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** Handed from turn to turn by the schedule. */
  readonly tried: TriedImages | null;
}

export type StartDecision = { readonly outcome: 'start'; readonly tried: TriedImages } | { readonly outcome: Exclude<ScheduledRunOutcome, 'started' | 'joined'>; readonly note: string };

export interface StartQuestion {
  readonly found: NewImages;
  readonly gitSha: GitSha;
  readonly now: Date;
  readonly tried: TriedImages | null;
  readonly settleMinutes: number;
  readonly mostWaitMinutes: number;
}

const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = 60 * MINUTE_MS;
const LONGEST_PAUSE_MS = 24 * 60 * MINUTE_MS;

/**
 * Decides whether a run is worth its while. Images for which a run was started that has not come to its end are not tried
 * again at every turn, but after an hour, two, four, up to a day; another commit, or another image, is tried at once.
 */
export function decideStart({ found, gitSha, now, tried, settleMinutes, mostWaitMinutes }: StartQuestion): StartDecision {
  if (!found.isChanged) return { outcome: 'nothing-new', note: `Nothing has changed since the last finished run: ${toNumberOf(found.images, 'image')}.` };
  if (found.images === 0) return { outcome: 'nothing-new', note: 'There are no images in the label folders.' };
  const { newestAgeMs, oldestAgeMs, newImages } = found;
  const isUnsettled = newestAgeMs !== null && newestAgeMs < settleMinutes * MINUTE_MS;
  if (isUnsettled && (oldestAgeMs ?? 0) < mostWaitMinutes * MINUTE_MS) {
    return { outcome: 'uploads-under-way', note: `${toNumberOf(newImages, 'new image')}, the last less than ${toNumberOf(settleMinutes, 'minute')} ago: more may come.` };
  }
  const isSame = tried !== null && tried.digest === found.digest && tried.gitSha === gitSha;
  if (isSame) {
    const next = new Date(Date.parse(tried.at) + Math.min(FIRST_PAUSE_MS * 2 ** (tried.times - 1), LONGEST_PAUSE_MS));
    if (now < next) {
      return { outcome: 'tried-already', note: `A run for these images was started at ${tried.at} and has not come to a good end; the next is tried after ${next.toISOString()}.` };
    }
  }
  return { outcome: 'start', tried: { digest: found.digest, gitSha, at: now.toISOString(), times: isSame ? tried.times + 1 : 1 } };
}
