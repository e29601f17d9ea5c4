import { destination as toDestination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** `trace` to `fatal`, or `silent`. */
  readonly level: string;
  /** Who speaks: `api`, a worker's role. */
  readonly name: string;
}

/** Lines that wait because nobody reads them; what is more is dropped. */
const MOST_WAITING_BYTES = 1_000_000;

/**
 * Writes one JSON object a line, by default to standard output. Times are ISO 8601 in UTC, levels are words. Whoever logs does not wait until the
 * line is written; when the process ends, what is left is.
 */
export function createLogger({ level, name }: LoggerOptions, destination: DestinationStream = toDestination({ sync: false, maxLength: MOST_WAITING_BYTES })): Logger {
  const options = {
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}
