import { setTimeout as wait } from 'node:timers/promises';
import { isFailure } from '../../domain/failure.ts';
import type { EpochMetrics, TrainingEvent } from '../../domain/training.ts';
import type { EpochPoint, RunEnd, TrackedRun } from './tracked-run.ts';

/** Tells an MLflow server of a training in the background. Never throws, never waits but in `close`. */
export interface RunLog {
  write(event: TrainingEvent): void;
  /** Sends what is left, within a limit, and says how the training ended. Nothing is sent any more afterwards. */
  close(end: RunEnd): Promise<void>;
}

export interface RunLogOptions {
  /** Repeated until it succeeds, or fails in a way that another try can't mend. */
  readonly open: (signal: AbortSignal) => Promise<TrackedRun>;
  /** The epochs of earlier attempts, which the server may have missed. */
  readonly earlier: readonly EpochMetrics[];
  /** Called once at most, when something is wrong. */
  readonly say: (message: string) => void;
  /** How long `close` may take: at a normal end, and when somebody waits for this process to be gone. */
  readonly closeLimitsMs?: { readonly ended: number; readonly killed: number };
  readonly retryDelaysMs?: { readonly first: number; readonly longest: number };
}

/** More than any training has; a server that is away must not fill the memory. */
const MAX_PENDING_EPOCHS = 2_000;
const CLOSE_LIMITS_MS = { ended: 5_000, killed: 1_500 };
const RETRY_DELAYS_MS = { first: 1_000, longest: 30_000 };

export function openRunLog({ open, earlier, say, closeLimitsMs = CLOSE_LIMITS_MS, retryDelaysMs = RETRY_DELAYS_MS }: RunLogOptions): RunLog {
  const controller = new AbortController();
  const { signal } = controller;
  const closing = Promise.withResolvers<null>();
  const pending: EpochPoint[] = [];
  let end = null as RunEnd | null;
  let isTold = false;
  let news = Promise.withResolvers<null>();
  const working = work();

  async function work(): Promise<void> {
    let run: TrackedRun | null = null;
    let delayMs = retryDelaysMs.first;
    for (;;) {
      try {
        run ??= await open(signal);
        await sendPending(run);
        delayMs = retryDelaysMs.first;
        if (end !== null && pending.length === 0) {
          await run.end(end, signal);
          return;
        }
        await news.promise;
      } catch (error) {
        if (signal.aborted) return;
        const isHopeless = !isFailure(error) || !error.retryable;
        const consequence = isHopeless ? 'This training goes on, and is not charted there.' : 'This training goes on, and sends what it could not as soon as it can.';
        tell(`${isFailure(error) ? error.message : String(error)} ${consequence}`);
        if (isHopeless) return;
        await pause(delayMs);
        delayMs = Math.min(delayMs * 2, retryDelaysMs.longest);
      }
    }
  }

  async function sendPending(run: TrackedRun): Promise<void> {
    news = Promise.withResolvers();
    const points = [...pending];
    await run.logEpochs(points, signal);
    // Meanwhile more may have come, and the oldest may have been dropped.
    while (pending[0] !== undefined && points.includes(pending[0])) pending.shift();
  }

  /** The end of the training cuts a long pause short, and leaves short ones between the last tries. */
  async function pause(delayMs: number): Promise<void> {
    if (end !== null) await wait(retryDelaysMs.first, undefined, { signal }).catch(() => undefined);
    else await Promise.race([wait(delayMs, undefined, { signal, ref: false }).catch(() => undefined), closing.promise]);
  }

  function tell(message: string): void {
    if (!isTold) say(message);
    isTold = true;
  }

  function add(metrics: EpochMetrics): void {
    pending.push({ metrics, atMs: Date.now() });
    if (pending.length > MAX_PENDING_EPOCHS) pending.shift();
  }

  return {
    write(event) {
      if (event.type === 'started') for (const metrics of earlier.slice(0, event.resumedFromEpoch)) add(metrics);
      else if (event.type === 'epoch') add(event.metrics);
      else return;
      news.resolve(null);
    },

    async close(how) {
      end = how;
      closing.resolve(null);
      news.resolve(null);
      const limitMs = how === 'KILLED' ? closeLimitsMs.killed : closeLimitsMs.ended;
      const timer = setTimeout(() => {
        tell(`The MLflow server did not take all of this training within ${limitMs / 1000} s after its end.`);
        controller.abort();
      }, limitMs);
      await working;
      clearTimeout(timer);
    },
  };
}
