import { fileURLToPath } from 'node:url';
import type { TracingConfig } from '../../config/telemetry.ts';
import type { TemporalTracing, TracedProcess } from './tracing.ts';
import { NO_TRACING } from './tracing.ts';

/** Begins to trace a process that speaks with Temporal, once; with null nothing is even loaded. */
export async function startTemporalTracing(config: TracingConfig | null, traced: TracedProcess): Promise<TemporalTracing> {
  if (config === null) return NO_TRACING;
  const { startOtlpTracing } = await import('./otlp-tracing.ts');
  const { createActivityTracing, createClientTracing, createWorkflowSpanSinks } = await import('./temporal-tracing.ts');
  const tracing = startOtlpTracing(config, traced);
  return {
    ...tracing,
    clientInterceptors: [createClientTracing(tracing.tracer, tracing.toParent)],
    worker: {
      activity: [createActivityTracing(tracing.tracer)],
      sinks: createWorkflowSpanSinks(tracing.processor, tracing.resource),
      workflowModules: [fileURLToPath(new URL('workflow-tracing.ts', import.meta.url))],
    },
  };
}
