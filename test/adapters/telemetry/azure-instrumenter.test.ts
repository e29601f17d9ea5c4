import assert from 'node:assert/strict';
import { createTracingClient } from '@azure/core-tracing';
import { startTracing } from '../../../adapters/telemetry/start-tracing.ts';
import type { Tracing } from '../../../adapters/telemetry/tracing.ts';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { useAzurite } from '../../support/azurite.ts';
import { useOtlpCollector } from '../../support/otlp-collector.ts';

describe('the spans of calls to Azure', () => {
  const azurite = useAzurite();
  const collector = useOtlpCollector();
  let tracing: Tracing;
  let store: BlobStore;

  beforeEach('trace', async () => {
    store = await azurite.newStore();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    tracing = await startTracing({ serviceName: null, traceparent: null, hasTimeout: false }, { name: 'barometer-test', version: 'abc', warn: refuse });
  });

  afterEach('stop that', async () => {
    await tracing.end();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  });

  it('lie below the span in which somebody called, with the request below the call', async () => {
    await tracing.inSpan('Work', {}, () => store.write('models', 'a/b.txt', 'hello'));
    await tracing.end();
    const [work, call, request] = ['Work', 'BlockBlobClient-upload', 'HTTP PUT'].map((name) => collector.spans.find((span) => span.name === name)!);
    assert.deepEqual([call!.parentSpanId, request!.parentSpanId], [work!.spanId, call!.spanId]);
    assert.match(String(request!.attributes['url.full']), /\/models\/a\/b\.txt$/);
    assert.equal(request!.resource['service.version'], 'abc');
  });

  it('are not made for what nobody\'s span asks for', async () => {
    await store.exists('models', 'a');
    await tracing.end();
    assert.deepEqual(collector.spans, []);
  });

  it('are no errors when the answer is one of those asked for', async () => {
    await tracing.inSpan('Work', {}, async () => {
      assert.equal(await store.find('models', 'nothing'), null);
      assert.equal(await store.create('models', 'one', '1'), true);
      assert.equal(await store.create('models', 'one', '2'), false);
    });
    await tracing.end();
    const statuses = collector.spans.map(({ attributes }) => attributes['http.response.status_code']).filter((status) => status !== undefined);
    assert.deepEqual(statuses.toSorted(), [201, 404, 409]);
    assert.ok(collector.spans.every(({ status }) => status.code !== 2));
  });

  it('give the code of an error, and none of its words', async () => {
    await tracing.inSpan('Work', {}, async () => {
      await assert.rejects(store.write('models', '', '1'));
    });
    await tracing.end();
    const failed = collector.spans.filter(({ status }) => status.code === 2);
    assert.ok(failed.length > 0);
    for (const { status, events } of failed) {
      assert.match(status.message, /^\w+$/);
      assert.deepEqual(events, []);
    }
  });

  it('carry neither the query of a request nor the name of a raw image', async () => {
    const client = createTracingClient({ namespace: 'Test', packageName: 'test' });
    await tracing.inSpan('Work', {}, async () => {
      for (const url of ['https://a.example/emotions/happy/ada.png?sig=abc', 'https://a.example/emotions%2Fsad%2Fbob.png', 'no url']) {
        await client.withSpan('HTTP GET', {}, () => undefined, { spanAttributes: { 'http.url': url, 'http.user_agent': 'x' } });
      }
    });
    await tracing.end();
    const urls = collector.spans.map(({ attributes }) => attributes['url.full']).filter((url) => url !== undefined);
    assert.deepEqual(urls, ['https://a.example/emotions/happy/…', 'https://a.example/emotions/sad/…', '']);
  });

  it('are counted instead where there are too many', async () => {
    await tracing.inSpan('Work', {}, async () => {
      for (let call = 0; call < 103; call += 1) await store.exists('models', `${call}`);
    });
    await tracing.end();
    assert.equal(collector.spans.filter(({ name }) => name === 'BlobClient-exists').length, 100);
    assert.equal(collector.spans.find(({ name }) => name === 'Work')!.attributes['barometer.azure_calls_not_traced'], 3);
  });
});

function refuse(message: string): never {
  throw new Error(message);
}
