import { context, createTraceState, trace } from '@opentelemetry/api';
import type { Context, SpanContext, Tracer } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { OpenTelemetrySinks, SerializableSpan } from '@temporalio/interceptors-opentelemetry';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';

/**
 * Spans for what a client asks of a workflow, whose trace goes on there. Not for queries and descriptions: whoever follows
 * a run asks twice a second.
 */
export function createClientTracing(tracer: Tracer, toParent: () => Context): WorkflowClientInterceptor {
  const spans = new OpenTelemetryWorkflowClientInterceptor({ tracer });
  const below = <T>(work: () => Promise<T>) => context.with(toParent(), work);
  return {
    startWithDetails: (input, next) => below(() => spans.startWithDetails(input, next)),
    signal: (input, next) => below(() => spans.signal(input, next)),
    signalWithStart: (input, next) => below(() => spans.signalWithStart(input, next)),
    startUpdate: (input, next) => below(() => spans.startUpdate(input, next)),
    startUpdateWithStart: (input, next) => below(() => spans.startUpdateWithStart(input, next)),
    terminate: (input, next) => below(() => spans.terminate(input, next)),
    cancel: (input, next) => below(() => spans.cancel(input, next)),
  };
}

/** A span for every attempt of an activity, which says for which run and commit it works. */
export function createActivityTracing(tracer: Tracer): ActivityInterceptorsFactory {
  return (activity) => {
    const spans = new OpenTelemetryActivityInboundInterceptor(activity, { tracer });
    const execute: NonNullable<ActivityInboundCallsInterceptor['execute']> = (input, next) =>
      spans.execute(input, (given) => {
        const { attempt, taskQueue } = activity.info;
        trace.getActiveSpan()?.setAttributes({ 'barometer.attempt': attempt, 'barometer.task_queue': taskQueue, ...toSubject(given.args[0]) });
        return next(given);
      });
    return { inbound: { execute }, outbound: new OpenTelemetryActivityOutboundInterceptor(activity) };
  };
}

/** Of what an activity was asked, the two names that everything is found by. */
function toSubject(request: unknown): Record<string, string> {
  const { runName, gitSha, spec } = (request ?? {}) as { runName?: unknown; gitSha?: unknown; spec?: unknown };
  return {
    ...(spec === undefined ? {} : toSubject(spec)),
    ...(typeof runName === 'string' && { 'barometer.run': runName }),
    ...(typeof gitSha === 'string' && { 'barometer.git_sha': gitSha }),
  };
}

/**
 * Takes the spans that workflows hand out of their sandbox. They come as an earlier version of the SDK writes them, which
 * the workflow interceptors bring with them.
 */
export function createWorkflowSpanSinks(processor: Pick<SpanProcessor, 'onEnd'>, resource: Resource): InjectedSinks<OpenTelemetrySinks> {
  return {
    exporter: {
      export: {
        fn({ workflowId, runId }, spans) {
          for (const span of spans) processor.onEnd(toReadableSpan(span, { temporalWorkflowId: workflowId, run_id: runId }, resource));
        },
      },
    },
  };
}

function toReadableSpan(span: SerializableSpan, ids: Readonly<Record<string, string>>, resource: Resource): ReadableSpan {
  const { spanContext: { traceState, ...rest }, parentSpanId, instrumentationLibrary, ...same } = span;
  const spanContext: SpanContext = { ...rest, ...(traceState !== undefined && { traceState: createTraceState(traceState) }) };
  return {
    ...same,
    attributes: { ...span.attributes, ...ids },
    spanContext: () => spanContext,
    ...(parentSpanId !== undefined && { parentSpanContext: { ...rest, spanId: parentSpanId } }),
    instrumentationScope: instrumentationLibrary,
    resource,
  };
}
