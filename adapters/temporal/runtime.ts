import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';

let installed = false;

/**
 * Sets the log level of the Temporal SDK for this process; only the first call counts. Signals are left to the program:
 * it decides what ends its workers.
 */
export function installRuntime(level: string): void {
  if (installed) return;
  installed = true;
  Runtime.install({ logger: new DefaultLogger(toLogLevel(level)), shutdownSignals: [] });
}

function toLogLevel(level: string): LogLevel {
  const upper = level.toUpperCase();
  if (upper === 'FATAL' || upper === 'SILENT') return 'ERROR';
  return upper as LogLevel;
}
