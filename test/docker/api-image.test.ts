import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { after, before } from 'mocha';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import type { PredictionAnswer } from '../../api/answers.ts';
import { LARGEST_GOLDEN_DIFFERENCE, toGoldenDifference } from '../../domain/golden.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { useAzurite } from '../support/azurite.ts';
import { findFreePort } from '../support/free-port.ts';
import { unpackImage } from '../support/container.ts';
import type { RunningContainer, UnpackedImage } from '../support/container.ts';
import { createGoldenModel } from '../support/golden-model.ts';
import type { GoldenModel } from '../support/golden-model.ts';
import { toRegistration } from '../support/models.ts';
import { LABELS, useProjectImage } from '../support/project-images.ts';
import { until } from '../support/until.ts';

const LARGEST_BYTES = 120_000_000;

describe('the image of the API', () => {
  const image = useProjectImage('api');
  const azurite = useAzurite();
  let model: GoldenModel;
  let connectionString: string;

  before('register a model', async () => {
    model = await createGoldenModel(1);
    ({ connectionString } = azurite.newAccount());
    await createStores({ connectionString }, greyPngCodec).blobs.ensureContainers();
    const registry = createModelRegistry(createAzureBlobStore({ connectionString }), MODEL_NAME);
    await registry.register(toRegistration({ files: { [MODEL_FILES.onnx]: model.onnx }, card: { golden: [...model.golden] } }));
  });

  it('is there for both platforms', () => {
    assert.deepEqual([...image.pushed.architectures].sort(), ['amd64', 'arm64']);
  });

  for (const architecture of ['amd64', 'arm64']) {
    describe(`for ${architecture}`, () => {
      let unpacked: UnpackedImage | undefined;
      const started: RunningContainer[] = [];

      before('unpack it', async () => {
        unpacked = await unpackImage(await image.pushed.forArchitecture(architecture));
      });

      afterEach('end what a test started', async () => {
        for (const container of started.splice(0)) {
          container.process.kill('SIGKILL');
          await container.finished;
        }
      });

      after('remove its files', () => unpacked?.remove());

      function run(environment: Record<string, string>): RunningContainer {
        const container = unpacked!.start({ environment: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString, BAROMETER_API_HOST: '127.0.0.1', ...environment } });
        started.push(container);
        return container;
      }

      async function start(): Promise<{ container: RunningContainer; url: string }> {
        const port = await findFreePort();
        const container = run({ BAROMETER_API_PORT: String(port) });
        const url = `http://127.0.0.1:${port}`;
        const isReady = () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false);
        await until(async () => container.process.exitCode !== null || (await isReady()));
        assert.equal(container.process.exitCode, null, container.output());
        return { container, url };
      }

      it('says what it is, runs as nobody in particular, and is small', async () => {
        const { config, compressedBytes } = await image.pushed.forArchitecture(architecture);
        assert.equal(config.architecture, architecture);
        assert.equal(config.config.User, '65532:65532');
        assert.equal(config.config.StopSignal, 'SIGTERM');
        assert.ok(config.config.Env?.includes('ORT_DISABLE_TELEMETRY=1'), 'ONNX Runtime tells nobody');
        assert.deepEqual(Object.keys(config.config.ExposedPorts ?? {}), ['8080/tcp']);
        for (const [name, value] of Object.entries(LABELS)) assert.equal(config.config.Labels?.[name], value, name);
        assert.ok(compressedBytes < LARGEST_BYTES, `${compressedBytes / 1e6} MB`);
      });

      it('gives the golden predictions, with nothing that it may write to', async () => {
        const { url } = await start();
        for (const { image: file, probabilities } of model.golden) {
          const answer = await fetch(`${url}/predict?faces=never`, { method: 'POST', body: Buffer.from(file, 'base64'), headers: { 'content-type': 'image/png' } });
          assert.equal(answer.status, 200);
          const { probabilities: answered } = (await answer.json()) as PredictionAnswer;
          const difference = toGoldenDifference(probabilities, answered!);
          assert.ok(difference < LARGEST_GOLDEN_DIFFERENCE, `a difference of ${difference}`);
        }
      });

      // What follows is the same program on both; one processor is enough, the one that needs no emulator.
      if (architecture !== 'amd64') return;

      it('serves its page and its documentation', async () => {
        const { url } = await start();
        for (const path of ['/', '/docs', '/privacy', '/web/swagger-ui-bundle.js', '/openapi.json', '/metrics']) assert.equal((await fetch(url + path)).status, 200, path);
      });

      it('answers who is still sending when it is asked to end, and ends well', async () => {
        const { container, url } = await start();
        const upload = request(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'image/png' } });
        const file = Buffer.from(model.golden[0]!.image, 'base64');
        upload.write(file.subarray(0, 100));
        await isReceived(upload);
        container.process.kill('SIGTERM');
        await until(() => container.output().includes('draining'));
        upload.end(file.subarray(100));
        const [answer] = (await once(upload, 'response')) as [IncomingMessage];
        assert.equal(answer.statusCode, 200);
        answer.resume();
        const { exitCode } = await container.finished;
        assert.equal(exitCode, 0, container.output());
      });

      it('names a setting that can not be used, and ends', async () => {
        const { exitCode, stderr } = await run({ BAROMETER_MODEL_VERSION: 'newest' }).finished;
        assert.equal(exitCode, 1);
        assert.match(stderr, /^These environment variables can't be used:\n {2}BAROMETER_MODEL_VERSION: give "latest" or a version number$/m);
        assert.doesNotMatch(stderr, /\n\s+at /);
      });

      it('has nothing in it to build or install with', async () => {
        const folders = ['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin'];
        const ask = `const { existsSync, readdirSync } = require('node:fs');
          console.log(${JSON.stringify(folders)}.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder)).join());`;
        const { stdout, stderr } = await unpacked!.start({ command: ['node', '--eval', ask] }).finished;
        assert.equal(stderr, '');
        const programs = stdout.trim().split(',');
        assert.ok(programs.includes('node'));
        for (const name of ['npm', 'npx', 'corepack', 'g++', 'gcc', 'python3', 'apt-get', 'dpkg', 'sh']) assert.ok(!programs.includes(name), name);
      });
    });
  }

  it('is tested by predictions that another network would not give', async () => {
    const other = await createGoldenModel(2);
    const differences = model.golden.map(({ probabilities }, index) => toGoldenDifference(probabilities, other.golden[index]!.probabilities));
    assert.ok(Math.min(...differences) > LARGEST_GOLDEN_DIFFERENCE, differences.join(', '));
  });
});

/** Sent, and so on its way before whatever is done next. */
async function isReceived(upload: ClientRequest): Promise<void> {
  if (upload.socket === null) await once(upload, 'socket');
  await until(() => upload.socket!.bytesWritten > 100);
}
