import { Failure } from '../../../domain/failure.ts';
import type { FailedEvent } from './event-tail.ts';
import type { Job } from './jobs.ts';

/** What is known of a job that has ended. */
export interface EndedJob {
  readonly job: Job;
  /** Why the program gave up, if it said so. */
  readonly failed: FailedEvent | null;
  /** From the program's first to its last word; null when it never spoke. */
  readonly spokeForMs: number | null;
  readonly timeoutMs: number;
  /** The program's log, of all attempts. */
  readonly log: string;
}

const TAIL_LINES = 5;
/** The program's first and last words lie a little inside the time that Azure ML counts. */
const TIMEOUT_TOLERANCE = 0.98;

/** Why a job did not do what it should have; null when it did. */
export function toVerdict({ job, failed, spokeForMs, timeoutMs, log }: EndedJob): Failure | null {
  const { name, phase, studioUrl } = job;
  if (phase === 'completed') return null;
  const where = studioUrl === null ? '' : ` See ${studioUrl}`;
  const tail = log.trimEnd().split('\n').filter((line) => line !== '').slice(-TAIL_LINES);
  const lastWords = spokeForMs === null || tail.length === 0 ? '' : ` Its last words: ${tail.join(' / ')}`;
  if (failed !== null) return new Failure(failed.kind, `${failed.message} (Azure ML job ${name}.)${lastWords}`);
  if (phase === 'cancelled' && spokeForMs !== null && spokeForMs >= timeoutMs * TIMEOUT_TOLERANCE) {
    const hours = (timeoutMs / 3_600_000).toPrecision(2);
    return new Failure('training-failed', `The Azure ML job ${name} was ended by its limit of ${hours} hours: raise BAROMETER_AZURE_ML_JOB_HOURS, or train fewer epochs.${lastWords}`);
  }
  if (phase === 'cancelled') {
    return new Failure('training-failed', `The Azure ML job ${name} was cancelled in the workspace. Start the run again if nobody meant that.${where}${lastWords}`);
  }
  if (spokeForMs === null) {
    const advice = 'Mostly the image could not be pulled, or the cluster\'s identity lacks the role "Storage Blob Data Contributor" on the storage account.';
    return new Failure('training-interrupted', `The Azure ML job ${name} failed before the training program wrote a word to the storage account. ${advice}${where}`);
  }
  return new Failure('training-interrupted', `The Azure ML job ${name} ended without giving a reason: its node was taken back, or the program was killed.${where}${lastWords}`);
}
