import type { TracingConfig } from '../../config/telemetry.ts';
import type { TracedProcess, Tracing } from './tracing.ts';
import { NO_TRACING } from './tracing.ts';

/** Begins to trace this process, once; with null nothing is even loaded. */
export async function startTracing(config: TracingConfig | null, traced: TracedProcess): Promise<Tracing> {
  if (config === null) return NO_TRACING;
  const { startOtlpTracing } = await import('./otlp-tracing.ts');
  return startOtlpTracing(config, traced);
}
