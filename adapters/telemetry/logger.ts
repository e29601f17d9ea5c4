import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** `trace` to `fatal`, or `silent`. */
  readonly level: string;
  /** Who speaks: `api`, a worker's role. */
  readonly name: string;
}

/** Writes one JSON object a line, by default to standard output. Times are ISO 8601 in UTC, levels are words. */
export function createLogger({ level, name }: LoggerOptions, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
