import assert from 'node:assert/strict';
import { startTracing } from '../../adapters/telemetry/start-tracing.ts';
import type { TestApi } from '../support/api.ts';
import { startTestApi } from '../support/api.ts';
import { useOtlpCollector } from '../support/otlp-collector.ts';

describe('the traces of the API', () => {
  const collector = useOtlpCollector();
  let api: TestApi;
  let end: () => Promise<void>;

  beforeEach('start it', async () => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    const tracing = await startTracing({ serviceName: null, traceparent: null, hasTimeout: false }, { name: 'barometer-api', version: null, warn: refuse });
    ({ end } = tracing);
    api = await startTestApi({ tracing });
  });

  afterEach('end it', async () => {
    await api.close();
    await end();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  });

  it('go on with the trace of the caller, and say how it was answered', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    assert.equal((await fetch(`${api.url}/model?secret=1`, { headers: { traceparent } })).status, 200);
    await end();
    const [span, ...others] = collector.spans;
    assert.deepEqual(others, []);
    assert.equal(span!.name, 'GET /model');
    assert.deepEqual([span!.traceId, span!.parentSpanId], traceparent.split('-').slice(1, 3));
    assert.equal(span!.attributes['http.response.status_code'], 200);
    assert.ok(!Buffer.concat(collector.bodies).includes('secret'));
  });

  it('give what was not found no name that callers make up', async () => {
    await fetch(`${api.url}/made-up`);
    await end();
    assert.deepEqual(collector.spans.map(({ name }) => name), ['GET none']);
    assert.ok(!Buffer.concat(collector.bodies).includes('made-up'));
  });

  it('leave out the probes', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) await fetch(api.url + path);
    await end();
    assert.deepEqual(collector.spans, []);
  });
});

function refuse(message: string): never {
  throw new Error(message);
}
