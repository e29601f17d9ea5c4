import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import type { ModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import type { PredictionAnswer } from '../../api/answers.ts';
import type { Emotion } from '../../domain/emotion.ts';
import { CONTAINERS, MODEL_FILES, MODEL_NAME, modelKeys } from '../../domain/names.ts';
import { useAzurite } from '../support/azurite.ts';
import { areInFlight, toForm } from '../support/api.ts';
import { findFreePort } from '../support/free-port.ts';
import { toPhoto } from '../support/images.ts';
import { toRegistration } from '../support/models.ts';
import { toOnnxModel } from '../support/onnx-model.ts';
import { until } from '../support/until.ts';

const START = `
  import { runApi } from '${new URL('../../api/main.ts', import.meta.url).href}';
  import { loadConfig } from '${new URL('../../config/config.ts', import.meta.url).href}';
  await runApi(loadConfig());
`;

describe('the API as a process', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let registry: ModelRegistry;
  let connectionString: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    ({ connectionString } = azurite.newAccount());
    blobs = createAzureBlobStore({ connectionString });
    await blobs.ensureContainers();
    registry = createModelRegistry(blobs, MODEL_NAME);
  });

  afterEach(() => {
    child?.kill('SIGKILL');
  });

  async function start(environment: Record<string, string> = {}): Promise<string> {
    const port = await findFreePort();
    child = spawn(process.execPath, ['--input-type=module', '--eval', START], {
      env: {
        BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
        BAROMETER_API_PORT: String(port),
        BAROMETER_MODEL_POLL_SECONDS: '0.05',
        BAROMETER_LOG_LEVEL: 'silent',
        BAROMETER_API_REQUESTS_PER_MINUTE: '0',
        ...environment,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const url = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${url}/healthz`).catch(() => null))?.ok === true);
    return url;
  }

  function waitUntilReady(url: string): Promise<void> {
    return until(async () => (await fetch(`${url}/readyz`)).ok);
  }

  async function register(favourite: Emotion, runName: string): Promise<void> {
    await registry.register(toRegistration({ runName, files: { [MODEL_FILES.onnx]: toOnnxModel(favourite) } }));
  }

  async function predict(url: string, photo: Uint8Array): Promise<PredictionAnswer> {
    const answer = await fetch(`${url}/predict`, { method: 'POST', body: toForm(photo) });
    assert.equal(answer.status, 200);
    return (await answer.json()) as PredictionAnswer;
  }

  it('starts before there is a model, and answers as soon as one is registered', async () => {
    const url = await start();
    const photo = await toPhoto().jpeg().toBuffer();
    assert.equal((await fetch(`${url}/readyz`)).status, 503);
    assert.equal((await fetch(`${url}/predict`, { method: 'POST', body: toForm(photo) })).status, 503);
    await register('fearful', 'run-a');
    await waitUntilReady(url);
    const { emotion, source, probabilities, model } = await predict(url, photo);
    assert.equal(source, 'whole-image');
    assert.equal(emotion, 'fearful');
    assert.equal(model.version, 1);
    const sum = Object.values(probabilities!).reduce((total, share) => total + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5);
  });

  it('follows latest under load, forward and back, and past a corrupt version, without a failed request', async () => {
    await register('happy', 'run-a');
    const url = await start();
    await waitUntilReady(url);
    const photo = await toPhoto().jpeg().toBuffer();
    const versions: number[] = [];
    const { promise: done, resolve: finish } = Promise.withResolvers<boolean>();
    const callers = Array.from({ length: 3 }, async () => {
      while (!(await Promise.race([done, delay(0, false)]))) {
        const { emotion, model } = await predict(url, photo);
        assert.equal(emotion, ['happy', 'sad', 'none', 'angry'][model.version - 1]);
        versions.push(model.version);
      }
    });
    const isServed = (version: number) => until(() => versions.at(-1) === version);
    try {
      await isServed(1);
      await register('sad', 'run-b');
      await isServed(2);
      await registry.register(toRegistration({ runName: 'run-c', files: { [MODEL_FILES.onnx]: 'not a network' } }));
      await delay(300);
      assert.equal(versions.at(-1), 2);
      await register('angry', 'run-d');
      await isServed(4);
      await registry.rollback();
      await delay(300);
      assert.equal(versions.at(-1), 4);
    } finally {
      finish(true);
      await Promise.all(callers);
    }
  });

  it('keeps the old model when a file of the new one was tampered with', async () => {
    await register('happy', 'run-a');
    const url = await start();
    await waitUntilReady(url);
    const tampering: BlobStore = {
      ...blobs,
      async create(container, name, ...rest) {
        const onnx = modelKeys.file(MODEL_NAME, 2, MODEL_FILES.onnx);
        if (name.endsWith('manifest.json')) await blobs.write(CONTAINERS.models, onnx, toOnnxModel('angry'));
        return blobs.create(container, name, ...rest);
      },
    };
    const files = { [MODEL_FILES.onnx]: toOnnxModel('sad') };
    await createModelRegistry(tampering, MODEL_NAME).register(toRegistration({ runName: 'run-b', files }));
    await delay(300);
    assert.equal((await predict(url, await toPhoto().jpeg().toBuffer())).model.version, 1);
  });

  it('serves a pinned version', async () => {
    await register('happy', 'run-a');
    await register('sad', 'run-b');
    const url = await start({ BAROMETER_MODEL_VERSION: '1' });
    await waitUntilReady(url);
    assert.equal((await predict(url, await toPhoto().jpeg().toBuffer())).model.version, 1);
  });

  it('ends on SIGTERM with what is under way answered, and takes nothing new', async () => {
    await register('happy', 'run-a');
    const url = await start();
    await waitUntilReady(url);
    const photo = await toPhoto().jpeg().toBuffer();
    const sent = request(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'image/jpeg', 'content-length': photo.length } });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.write(photo.subarray(0, 500));
    await until(() => areInFlight(url, 2));

    const exited = once(child!, 'exit');
    child!.kill('SIGTERM');
    await until(() => fetch(`${url}/healthz`).then(() => false, () => true));
    sent.end(photo.subarray(500));
    const [answer] = await answered;
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers.connection, 'close');
    assert.equal(((await json(answer)) as PredictionAnswer).emotion, 'happy');
    assert.deepEqual(await exited, [0, null]);
  });

  it('ends at once on SIGTERM when nothing is under way, even with idle connections open', async () => {
    const url = await start();
    await (await fetch(`${url}/healthz`)).arrayBuffer();
    const startedAt = Date.now();
    const exited = once(child!, 'exit');
    child!.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    assert.ok(Date.now() - startedAt < 15_000);
  });
});
