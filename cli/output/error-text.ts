import { isFailure } from '../../domain/failure.ts';

/** Whether a command ended because it was asked to, by ctrl-C for example. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** What a person reads when a command fails: the words of an expected failure, everything about an unexpected one. */
export function toErrorText(error: unknown): string {
  if (isFailure(error)) return `✘ ${error.message}`;
  if (isInterruption(error)) return '✘ Interrupted.';
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `✘ Something unexpected went wrong; this is a defect of Barometer:\n${details}`;
}
