import { pause } from './pause.ts';

interface RepeatOptions {
  /** From the beginning of one turn to the beginning of the next one. */
  readonly periodMs: () => number;
  readonly signal: AbortSignal;
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Takes turn after turn until `signal` is aborted, never two at a time: one that takes longer than the period delays the next.
 * A turn may say after how many milliseconds, at the earliest, the next one is welcome.
 */
export async function repeat(
  turn: () => Promise<number>,
  { periodMs, signal, now = () => performance.now(), wait = pause }: RepeatOptions,
): Promise<void> {
  while (!signal.aborted) {
    const startedAt = now();
    const restMs = await turn();
    await wait(Math.max(restMs, startedAt + periodMs() - now()), signal);
  }
}
