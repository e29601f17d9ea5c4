import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { createDiscreetExporter } from '../../../adapters/telemetry/discreet-exporter.ts';

describe('a discreet exporter of spans', () => {
  const complaints: string[] = [];
  const complain = (message: string) => void complaints.push(message);

  beforeEach('forget', () => {
    complaints.length = 0;
  });

  it('sends what failed without the secrets in its words', async () => {
    const sent = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(createDiscreetExporter(sent, complain))] });
    const span = provider.getTracer('test').startSpan('Work');
    span.recordException(new Error('403 for https://a.example/x?sig=abc'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'AccountKey=abc; is wrong' });
    span.end();
    await provider.forceFlush();
    const [received] = sent.getFinishedSpans();
    assert.equal(received!.name, 'Work');
    assert.deepEqual(received!.spanContext(), span.spanContext());
    assert.equal(received!.status.message, 'AccountKey=…; is wrong');
    const { attributes = {} } = received!.events[0]!;
    assert.equal(attributes['exception.message'], '403 for https://a.example/x?…');
    assert.doesNotMatch(String(attributes['exception.stacktrace']), /abc/);
    assert.deepEqual(complaints, []);
  });

  it('says once that spans do not arrive', () => {
    const failing: SpanExporter = {
      export(_spans, done) {
        done({ code: ExportResultCode.FAILED, error: new Error('the vendor\'s words') });
      },
      shutdown: () => Promise.resolve(),
    };
    const exporter = createDiscreetExporter(failing, complain);
    const results: ExportResult[] = [];
    for (let time = 0; time < 2; time += 1) exporter.export([], (result) => results.push(result));
    assert.deepEqual(results.map(({ code }) => code), [ExportResultCode.FAILED, ExportResultCode.FAILED]);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, /OTEL_EXPORTER_OTLP_ENDPOINT/);
  });
});
