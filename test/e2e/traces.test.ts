import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { useAzurite } from '../support/azurite.ts';
import { runBarometer, startBarometer } from '../support/barometer.ts';
import { findFreePort } from '../support/free-port.ts';
import type { ReceivedSpan } from '../support/otlp-collector.ts';
import { useOtlpCollector } from '../support/otlp-collector.ts';
import { uploadImages } from '../support/raw-images.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const RUN_ONLY_DATA = ['run', '--no-train', '--no-deploy', '--split-ratio', '0.4', '--json'] as const;

describe('the traces of a run', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  const collector = useOtlpCollector();
  const commands = useCommands();
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

  const startWorker = (traced: Readonly<Record<string, string>>, roles = 'pipeline,data,deploy') => commands.startWorker({ ...environment, BAROMETER_MAX_REFUSED_SHARE: '0.5', ...traced }, roles);

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

  it('go on in the training program, and begin anew where the API reads the model', async () => {
    for await (const face of drawDemoFaces({ perLabel: 12, seed: 1 })) await stores.blobs.write('emotions', `${face.label}/${face.fileName}`, await face.read());
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, BAROMETER_MINIMUM_ACCURACY: '0' };
    const worker = await startWorker(traced, 'pipeline,data,train');
    const { exitCode, stderr } = await runBarometer(['run', '--no-deploy', '--epochs', '1', '--split-ratio', '0.4'], { ...environment, ...traced });
    assert.equal(exitCode, 0, stderr);
    await worker.stop();
    assert.equal(new Set(collector.spans.map(({ traceId }) => traceId)).size, 1, 'one trace');
    const activity = collector.spans.find(({ name }) => name === 'RunActivity:trainModel');
    const training = collector.spans.find(({ name }) => name === 'Train');
    assert.equal(training?.parentSpanId, activity?.spanId);
    assert.equal(training?.resource['service.name'], 'barometer-train');
    assert.ok(collector.spans.some(({ name, parentSpanId }) => name === 'BlobClient-download' && parentSpanId === training.spanId));
    // Neither the progress of the training nor the questions of whoever follows.
    assert.deepEqual(collector.spans.filter(({ name }) => /Signal|Query|Describe/.test(name)), []);

    const apiPort = await findFreePort();
    const api = startBarometer(['api'], { ...environment, ...traced, BAROMETER_API_PORT: String(apiPort), BAROMETER_MODEL_POLL_SECONDS: '0.1' });
    commands.keep(api);
    await until(async () => (await fetch(`http://127.0.0.1:${apiPort}/readyz`).catch(() => null))?.ok === true);
    await api.stop();
    const ofApi = collector.spans.filter(({ resource }) => resource['service.name'] === 'barometer-api');
    const roots = ofApi.filter(({ parentSpanId }) => parentSpanId === '');
    assert.deepEqual(roots.map(({ name }) => name), ['ReadModel']);
    assert.ok(ofApi.some(({ name, parentSpanId }) => name === 'BlobClient-download' && parentSpanId === roots[0]!.spanId));
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

  for (const [title, listens] of Object.entries({ 'is not there': false, 'never answers': true })) {
    it(`neither fail nor hold up a run, or the end of a worker, when the collector ${title}`, async () => {
      const mute = createServer(() => undefined);
      let port = await findFreePort();
      if (listens) {
        mute.listen(0, '127.0.0.1');
        await once(mute, 'listening');
        ({ port } = mute.address() as AddressInfo);
      }
      const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
      try {
        const plainMs = await runAll({});
        const tracedMs = await runAll(traced);
        assert.ok(tracedMs.run < plainMs.run + 3_000, `a run took ${tracedMs.run} ms instead of ${plainMs.run} ms`);
        assert.ok(tracedMs.end < plainMs.end + 3_000, `a worker ended in ${tracedMs.end} ms instead of ${plainMs.end} ms`);
      } finally {
        mute.close();
      }
    });
  }

  async function runAll(traced: Readonly<Record<string, string>>): Promise<{ run: number; end: number }> {
    const worker = await startWorker(traced);
    const [run, { exitCode, stderr }] = await time(() => runBarometer(RUN_ONLY_DATA, { ...environment, ...traced }));
    assert.equal(exitCode, 0, stderr);
    const isTraced = Object.keys(traced).length > 0;
    assert.equal(stderr.includes('Traces do not arrive at OTEL_EXPORTER_OTLP_ENDPOINT'), isTraced, stderr);
    const [end, { exitCode: endCode }] = await time(() => worker.stop());
    assert.equal(endCode, 0, worker.output());
    return { run, end };
  }
});

async function time<T>(work: () => Promise<T>): Promise<[number, T]> {
  const startedAt = performance.now();
  const result = await work();
  return [Math.round(performance.now() - startedAt), result];
}
