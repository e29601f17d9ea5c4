import { isFailure } from '../../domain/failure.ts';

/** What a person reads when a command fails: the words of an expected failure, everything about an unexpected one. */
export function toErrorText(error: unknown): string {
  if (isFailure(error)) return `✘ ${error.message}`;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `✘ Something unexpected went wrong; this is a defect of Barometer:\n${details}`;
}
