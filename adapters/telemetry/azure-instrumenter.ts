import type { Instrumenter, InstrumenterSpanOptions, TracingSpan } from '@azure/core-tracing';
import { context, INVALID_SPAN_CONTEXT, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { CONTAINERS } from '../../domain/names.ts';

/** A resize reads thousands of images: beyond so many calls the span above them only counts. */
const MOST_CALLS = 100;

/** Answers that the stores ask for: unchanged, not there, there already, changed by another. */
const EXPECTED_STATUSES = new Set([304, 404, 409, 412]);

const KINDS: Readonly<Record<string, SpanKind>> = { client: SpanKind.CLIENT, server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };

/** Of what the SDK notes about a request; the rest is chatter. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'http.method': 'http.request.method',
  'http.url': 'url.full',
  'http.status_code': 'http.response.status_code',
  serviceRequestId: 'az.service_request_id',
  'az.namespace': 'az.namespace',
};

/**
 * Makes spans of the calls that the Azure SDK says it makes, each below the span in which somebody called; what nobody's
 * span asks for, such as polling, is not traced. (Azure's own package does so by patching modules as they are required,
 * which does not reach ES modules; @azure/core-tracing takes an instrumenter itself.)
 */
export function createAzureInstrumenter(): Instrumenter {
  const calls = new WeakMap<Span, number>();

  /** Whether there is a span above that is recorded and has room. */
  function isTraced(parent: Span | undefined): parent is Span {
    if (parent?.isRecording() !== true) return false;
    const count = (calls.get(parent) ?? 0) + 1;
    calls.set(parent, count);
    if (count > MOST_CALLS) parent.setAttribute('barometer.azure_calls_not_traced', count - MOST_CALLS);
    return count <= MOST_CALLS;
  }

  return {
    startSpan(name, { tracingContext, spanKind, spanAttributes, packageName, packageVersion }: InstrumenterSpanOptions) {
      const above = (tracingContext as Context | undefined) ?? context.active();
      const span = isTraced(trace.getSpan(above))
        ? trace.getTracer(packageName, packageVersion).startSpan(name, { kind: KINDS[spanKind ?? ''] ?? SpanKind.INTERNAL }, above)
        : trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
      for (const [key, value] of Object.entries(spanAttributes ?? {})) note(span, key, value);
      return { span: toTracingSpan(span), tracingContext: trace.setSpan(above, span) };
    },

    withContext: (tracingContext, callback, ...args) => context.with(tracingContext, callback, undefined, ...args),

    parseTraceparentHeader: (traceparent) => propagation.extract(context.active(), { traceparent }),

    createRequestHeaders(tracingContext) {
      const headers: Record<string, string> = {};
      propagation.inject((tracingContext as Context | undefined) ?? context.active(), headers);
      return headers;
    },
  };
}

function toTracingSpan(span: Span): TracingSpan {
  let answered: number | undefined;
  return {
    setStatus(given) {
      if (given.status === 'success') return;
      const { statusCode = answered, code, name } = (given.error ?? {}) as { statusCode?: number; code?: string; name?: string };
      if (statusCode !== undefined && EXPECTED_STATUSES.has(statusCode)) return;
      // The message is the service's answer, with URLs in it.
      span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? name ?? String(statusCode ?? 'failed') });
    },
    setAttribute(name, value) {
      if (name === 'http.status_code') answered = Number(value);
      note(span, name, value);
    },
    end() {
      span.end();
    },
    recordException: () => undefined,
    isRecording: () => span.isRecording(),
  };
}

function note(span: Span, key: string, value: unknown): void {
  const name = ATTRIBUTES[key];
  if (name === undefined || (typeof value !== 'string' && typeof value !== 'number')) return;
  span.setAttribute(name, key === 'http.url' ? toPlainUrl(String(value)) : value);
}

const RAW_IMAGE = new RegExp(`(/${CONTAINERS.raw}/[^/]+/).+$`);

/** Without its query, where signatures are, and without the names that people gave to images. */
function toPlainUrl(text: string): string {
  if (!URL.canParse(text)) return '';
  const { origin, pathname } = new URL(text);
  return origin + decodePath(pathname).replace(RAW_IMAGE, '$1…');
}

/** Storage writes the slashes of a blob's name as %2F. */
function decodePath(pathname: string): string {
  return pathname.replaceAll(/%2F/gi, '/');
}
