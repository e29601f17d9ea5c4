import { setTimeout as wait } from 'node:timers/promises';
import { useInstrumenter } from '@azure/core-tracing';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TracingConfig } from '../../config/telemetry.ts';
import { createAzureInstrumenter } from './azure-instrumenter.ts';
import { createDiscreetExporter } from './discreet-exporter.ts';
import type { OpenSpan, SpanOptions, TracedProcess, Tracing } from './tracing.ts';

/** How long a collector that is away may hold up the end of a process; what is being sent would keep it alive. */
const PATIENCE_MS = 1_500;
/** Spans of a brief process go out almost as they end: it may be interrupted at any time. */
const BRIEF_DELAY_MS = 100;

/** What the spans of other libraries are made with. */
export interface OtlpTracing extends Tracing {
  readonly tracer: Tracer;
  readonly processor: SpanProcessor;
  readonly resource: Resource;
  /** Of a span that begins now. */
  toParent(): Context;
}

/** Traces by OTLP over HTTP, to where OpenTelemetry's environment variables say. */
export function startOtlpTracing({ serviceName, traceparent, hasTimeout }: TracingConfig, { name, version, isBrief = false, warn }: TracedProcess): OtlpTracing {
  const own = resourceFromAttributes({ 'service.name': serviceName ?? name, ...(version !== null && { 'service.version': version }) });
  const resource = detectResources({ detectors: [envDetector] }).merge(own);
  const exporter = createDiscreetExporter(new OTLPTraceExporter(hasTimeout ? {} : { timeoutMillis: PATIENCE_MS }), warn);
  const processor = new BatchSpanProcessor(exporter, isBrief ? { scheduledDelayMillis: BRIEF_DELAY_MS } : {});
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });

  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  useInstrumenter(createAzureInstrumenter());

  const tracer = provider.getTracer('barometer');
  const above = traceparent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });

  function toParent(headers?: SpanOptions['headers']): Context {
    if (headers !== undefined) return propagation.extract(ROOT_CONTEXT, headers);
    return trace.getSpan(context.active()) === undefined ? above : context.active();
  }

  return {
    tracer,
    processor,
    resource,
    toParent,

    inSpan(spanName, { attributes = {}, headers }, work) {
      const kind = headers === undefined ? SpanKind.INTERNAL : SpanKind.SERVER;
      return tracer.startActiveSpan(spanName, { kind, attributes }, toParent(headers), async (span) => {
        try {
          return await work(toOpenSpan(span));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
          throw error;
        } finally {
          span.end();
        }
      });
    },

    toEnvironment() {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      return carrier['traceparent'] === undefined ? {} : { TRACEPARENT: carrier['traceparent'] };
    },

    async end() {
      await Promise.race([provider.shutdown().catch(() => undefined), wait(PATIENCE_MS, undefined, { ref: false })]);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

function toOpenSpan(span: Span): OpenSpan {
  return {
    rename: (name) => void span.updateName(name),
    note: (attributes) => void span.setAttributes(attributes),
    fail: (reason) => void span.setStatus({ code: SpanStatusCode.ERROR, message: reason }),
  };
}
