import { isFailure } from '../../domain/failure.ts';
import { AWAY, pause } from './pause.ts';

export interface AnswerOptions {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  readonly onProgress: (note: string) => void;
  readonly pollMs: number;
}

/**
 * Does something that may be done twice, again and again while the API server is away.
 *
 * @throws Failure of what was tried last when the time is up; every other failure at once; the signal's reason when aborted
 */
export async function untilAnswered<T>(work: () => Promise<T>, { signal, deadlineMs, onProgress, pollMs }: AnswerOptions): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (!isFailure(error, 'dependency-unavailable') || performance.now() - startedAt >= deadlineMs) throw error;
      onProgress(AWAY);
    }
    await pause(pollMs, signal);
  }
}
