import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { useAzurite } from '../support/azurite.ts';
import type { RunningCommand } from '../support/barometer.ts';
import { findFreePort, runBarometer, startBarometer } from '../support/barometer.ts';
import type { ReceivedSpan } from '../support/otlp-collector.ts';
import { useOtlpCollector } from '../support/otlp-collector.ts';
import { uploadImages } from '../support/raw-images.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const RUN_ONLY_DATA = ['run', '--no-train', '--no-deploy', '--split-ratio', '0.4', '--json'] as const;

describe('the traces of a run', function () {
  this.timeout(60_000);

  const temporal = useTemporal();
  const azurite = useAzurite();
  const collector = useOtlpCollector();
  const started: RunningCommand[] = [];
  let environment: Record<string, string>;
  let stores: Stores;

  beforeEach('open an account of its own', async () => {
    const { connectionString } = azurite.newAccount();
    stores = createStores({ connectionString }, greyPngCodec);
    environment = { BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_STORAGE_CONNECTION_STRING: connectionString };
    await stores.blobs.ensureContainers();
    await uploadImages(stores.blobs, 12);
    await stores.blobs.write('emotions', 'sad/somebody-by-name.png', Buffer.from('no image'));
  });

  afterEach('end what a test started', async () => {
    for (const command of started.splice(0)) await command.stop();
  });

  async function startWorker(traced: Readonly<Record<string, string>>): Promise<RunningCommand> {
    const worker = startBarometer(['worker', '--role', 'pipeline,data,deploy'], { ...environment, BAROMETER_MAX_REFUSED_SHARE: '0.5', ...traced });
    started.push(worker);
    await until(() => worker.output().includes('Worker ready') || worker.process.exitCode !== null, 60_000);
    assert.equal(worker.process.exitCode, null, worker.output());
    return worker;
  }

  it('are one: from the command line through the workflow and its activities to the calls of the storage account', async () => {
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=venues', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=cellar' };
    const worker = await startWorker(traced);
    const { exitCode, stdout, stderr } = await runBarometer(RUN_ONLY_DATA, { ...environment, ...traced, TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    assert.equal(exitCode, 0, stderr);
    await worker.stop();
    const { workflowId, state } = JSON.parse(stdout) as { workflowId: string; state: { runName: string } };

    const { spans } = collector;
    assert.deepEqual([...new Set(spans.map(({ traceId }) => traceId))], ['0af7651916cd43dd8448eb211c80319c']);
    const start = find('StartWorkflow:pipeline');
    assert.equal(start.parentSpanId, 'b7ad6b7169203331');
    assert.equal(start.resource['service.name'], 'barometer-cli');
    assert.equal(start.attributes['temporalWorkflowId'], workflowId);
    const run = find('RunWorkflow:pipeline');
    assert.equal(run.parentSpanId, start.spanId);
    assert.equal(run.resource['service.name'], 'barometer-worker');
    assert.equal(run.resource['deployment.environment'], 'cellar');
    const asked = find('StartActivity:takeInventory');
    assert.equal(asked.parentSpanId, run.spanId);
    const done = find('RunActivity:takeInventory');
    assert.equal(done.parentSpanId, asked.spanId);
    assert.equal(done.attributes['barometer.run'], state.runName);
    assert.equal(done.attributes['barometer.attempt'], 1);
    const listing = spans.find(({ name, parentSpanId }) => name.startsWith('ContainerClient-') && parentSpanId === done.spanId);
    assert.ok(listing, names(done));
    const request = spans.find(({ name, parentSpanId }) => name === 'HTTP GET' && parentSpanId === listing.spanId);
    assert.equal(request?.attributes['http.response.status_code'], 200);
    assert.ok(spans.some(({ name }) => name === 'RunActivity:resizeBatch'), 'the images were resized');
    assert.equal(collector.headers[0]?.['x-tenant'], 'venues');

    function find(name: string): ReceivedSpan {
      const found = spans.filter((span) => span.name === name);
      assert.equal(found.length, 1, `${name} among ${spans.map((span) => span.name).join(', ')}`);
      return found[0]!;
    }

    function names(parent: ReceivedSpan): string {
      return spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId).map(({ name }) => name).join(', ');
    }
  });

  it('tell neither the key of the account, nor a signature, nor what people called an image', async () => {
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const worker = await startWorker(traced);
    const { exitCode, stderr } = await runBarometer(RUN_ONLY_DATA, { ...environment, ...traced });
    assert.equal(exitCode, 0, stderr);
    await worker.stop();
    const sent = Buffer.concat(collector.bodies).toString('latin1');
    assert.match(sent, /\/emotions\/sad\/…|\/emotions\/sad\/\xe2\x80\xa6/);
    const key = /AccountKey=([^;]+)/.exec(environment['BAROMETER_STORAGE_CONNECTION_STRING']!)![1]!;
    for (const secret of [key, 'somebody-by-name', 'AccountKey', 'comp=list']) assert.ok(!sent.includes(secret), secret);
  });

  it('are not begun where no collector is named', async () => {
    await startWorker({});
    const { exitCode, stderr } = await runBarometer(RUN_ONLY_DATA, environment);
    assert.equal(exitCode, 0, stderr);
    assert.equal(collector.bodies.length, 0);
    const { workflowId } = JSON.parse((await runBarometer(RUN_ONLY_DATA, environment)).stdout) as { workflowId: string };
    const { events } = await temporal.env.client.workflow.getHandle(workflowId).fetchHistory();
    assert.deepEqual(events?.[0]?.workflowExecutionStartedEventAttributes?.header?.fields ?? {}, {});
  });

  for (const [title, listen] of Object.entries({ 'is not there': false, 'never answers': true })) {
    it(`neither fail nor hold up a run whose collector ${title}`, async () => {
      await startWorker({});
      const mute = createServer(() => undefined);
      let port = await findFreePort();
      if (listen) {
        mute.listen(0, '127.0.0.1');
        await once(mute, 'listening');
        ({ port } = mute.address() as AddressInfo);
      }
      try {
        const [plain] = await time(() => runBarometer(['run', '--no-wait', '--no-train', '--no-deploy'], environment));
        const [traced, { exitCode, stderr }] = await time(() =>
          runBarometer(['run', '--no-wait', '--no-train', '--no-deploy'], { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }),
        );
        assert.equal(exitCode, 0, stderr);
        assert.match(stderr, /Traces do not arrive at OTEL_EXPORTER_OTLP_ENDPOINT/);
        assert.ok(traced - plain < 3_500, `${traced} ms instead of ${plain} ms`);
      } finally {
        mute.close();
      }
    });
  }
});

async function time<T>(work: () => Promise<T>): Promise<[number, T]> {
  const startedAt = performance.now();
  const result = await work();
  return [Math.round(performance.now() - startedAt), result];
}
