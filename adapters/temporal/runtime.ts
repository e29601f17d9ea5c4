import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogLevel, TelemetryOptions } from '@temporalio/worker';
import type { ListenAddress } from '../../config/telemetry.ts';
import { Failure } from '../../domain/failure.ts';

let installed = false;

/** From a task that is only handed over to a run that trains for hours; the SDK's own end at ten seconds. */
const HISTOGRAM_BUCKETS = {
  barometer_run_duration: [30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 259_200],
  barometer_rollout_duration: [5, 10, 20, 30, 60, 120, 300, 600, 1_800],
};

/**
 * Sets the log level of the Temporal SDK for this process, and where Prometheus finds its metrics; only the first call
 * counts. Signals are left to the program: it decides what ends its workers.
 *
 * @throws Failure `configuration-invalid` when nothing can listen at the address of the metrics
 */
export function installRuntime(level: string, metrics: ListenAddress | null = null): void {
  if (installed) return;
  const options = { logger: new DefaultLogger(toLogLevel(level)), shutdownSignals: [] };
  if (metrics === null) Runtime.install(options);
  else installWithMetrics(options, metrics);
  installed = true;
}

function installWithMetrics(options: Parameters<typeof Runtime.install>[0], metrics: ListenAddress): void {
  try {
    Runtime.install({ ...options, telemetryOptions: toTelemetryOptions(metrics) });
  } catch (error) {
    throw new Failure(
      'configuration-invalid',
      `The worker can't show its metrics at ${metrics.text}: something listens there already, or the address is none of this machine's. Set BAROMETER_WORKER_METRICS_ADDRESS to another one.`,
      { cause: error },
    );
  }
}

/** Names end as Prometheus wants it: `_total`, `_seconds`. */
function toTelemetryOptions({ text }: ListenAddress): TelemetryOptions {
  return {
    metrics: {
      prometheus: { bindAddress: text, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true, histogramBucketOverrides: HISTOGRAM_BUCKETS },
    },
  };
}

function toLogLevel(level: string): LogLevel {
  const upper = level.toUpperCase();
  if (upper === 'FATAL' || upper === 'SILENT') return 'ERROR';
  return upper as LogLevel;
}
