import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { withoutSecrets } from './secrets.ts';

/** Sends spans by another exporter, with what looks like a secret taken out of them; says once when they don't arrive. */
export function createDiscreetExporter(exporter: SpanExporter, complain: (message: string) => void): SpanExporter {
  let hasComplained = false;
  return {
    export(spans, done) {
      exporter.export(spans.map(toDiscreet), (result) => {
        if (result.code === ExportResultCode.FAILED && !hasComplained) {
          hasComplained = true;
          complain('Traces do not arrive at OTEL_EXPORTER_OTLP_ENDPOINT; the work goes on without. Is an OTLP collector there that speaks HTTP?');
        }
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Errors bring the words of whoever threw them. */
function toDiscreet(span: ReadableSpan): ReadableSpan {
  const { status, events } = span;
  if (status.message === undefined && events.length === 0) return span;
  return Object.create(span, {
    status: { value: { ...status, ...(status.message !== undefined && { message: withoutSecrets(status.message) }) } },
    events: { value: events.map((event) => ({ ...event, ...(event.attributes && { attributes: toDiscreetAttributes(event.attributes) }) })) },
  }) as ReadableSpan;
}

function toDiscreetAttributes<Attributes extends object>(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'string' ? withoutSecrets(value) : (value as unknown)]),
  ) as Attributes;
}
