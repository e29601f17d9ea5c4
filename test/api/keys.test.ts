import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ApiKeyStore } from '../../adapters/blob-storage/api-key-store.ts';
import { createApiKeyStore } from '../../adapters/blob-storage/api-key-store.ts';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import type { PredictionAnswer } from '../../api/answers.ts';
import { LARGEST_GOLDEN_DIFFERENCE, toGoldenDifference } from '../../domain/golden.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { toForm } from '../support/api.ts';
import { findFreePort } from '../support/free-port.ts';
import { useAzurite } from '../support/azurite.ts';
import { createGoldenModel } from '../support/golden-model.ts';
import { toPhoto } from '../support/images.ts';
import { toRegistration } from '../support/models.ts';
import { toOnnxModel } from '../support/onnx-model.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../api/serve.ts', import.meta.url));
const WANTED = { venue: 'the-sun', name: '', expiresAt: null };
/** What "within seconds" is, with the poll of two seconds that is set when nothing is said. */

describe('keys of the API as a process', () => {
  const azurite = useAzurite();
  let connectionString: string;
  let store: ApiKeyStore;
  let child: ChildProcess | undefined;
  let said: string;

  beforeEach(async () => {
    ({ connectionString } = azurite.newAccount());
    const blobs = createAzureBlobStore({ connectionString });
    await blobs.ensureContainers();
    store = createApiKeyStore(blobs);
    await createModelRegistry(blobs, MODEL_NAME).register(toRegistration({ runName: 'run-a', files: { [MODEL_FILES.onnx]: toOnnxModel('happy') } }));
  });

  afterEach(async () => {
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  async function start(environment: Record<string, string> = {}): Promise<string> {
    const port = await findFreePort();
    child = spawn(process.execPath, [PROGRAM], {
      env: { BAROMETER_STORAGE_CONNECTION_STRING: connectionString, BAROMETER_API_PORT: String(port), BAROMETER_API_HOST: '0.0.0.0', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    said = '';
    child.stdout!.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    const url = `http://127.0.0.1:${port}`;
    await until(() => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false));
    return url;
  }

  async function ask(url: string, key?: string): Promise<number> {
    const body = toForm(await toPhoto().jpeg().toBuffer());
    const answer = await fetch(`${url}/predict`, { method: 'POST', body, headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }) } });
    await answer.arrayBuffer();
    return answer.status;
  }

  it('are asked for on every address but a loopback one; without any nobody may ask, and it is said what to do', async () => {
    const url = await start();
    await until(() => said.includes('CLOSED'));
    assert.match(said, /"level":"warn".*nobody may ask for predictions.*barometer keys create --venue NAME.*BAROMETER_API_OPEN=true/);
    assert.equal(await ask(url), 401);
    const { key } = await store.create(WANTED);
    await until(async () => (await ask(url, key)) === 200);
    assert.equal(await ask(url), 401);
  });

  it('take over from one another without a refusal, and stop within seconds when revoked', async () => {
    const old = await store.create(WANTED);
    const url = await start();
    await until(async () => (await ask(url, old.key)) === 200);
    const next = await store.create(WANTED);
    await until(async () => (await ask(url, next.key)) === 200);
    assert.equal(await ask(url, old.key), 200);

    await store.revoke(old.record.id);
    await until(async () => {
      assert.equal(await ask(url, next.key), 200);
      return (await ask(url, old.key)) === 401;
    });

    // What was used is written down at the latest when the process ends.
    const exited = once(child!, 'exit');
    child!.kill('SIGTERM');
    await exited;
    const uses = await store.listUses();
    assert.deepEqual([...uses.keys()].sort(), [old.record.id, next.record.id].sort());
    for (const at of uses.values()) assert.ok(Date.now() - at.getTime() < 3_700_000);
  });

  it('are not asked for on a loopback address until one is made, which is said loudly', async () => {
    const url = await start({ BAROMETER_API_HOST: '127.0.0.1', BAROMETER_API_KEYS_POLL_SECONDS: '0.05' });
    await until(() => said.includes('OPEN'));
    assert.match(said, /"level":"warn".*OPEN: there are no keys, so that everybody on this machine may ask/);
    assert.equal(await ask(url), 200);
    await store.create(WANTED);
    await until(async () => (await ask(url)) === 401);
    await until(() => said.includes('only those who have a key'));
  });

  it('are not asked for where BAROMETER_API_OPEN says so, which is said loudly', async () => {
    await store.create(WANTED);
    const url = await start({ BAROMETER_API_OPEN: 'true' });
    assert.match(said, /OPEN: BAROMETER_API_OPEN lets everybody who reaches this address ask/);
    assert.equal(await ask(url), 200);
  });

  it('are not asked of a rollout: golden predictions are answered, right, and nothing else is', async () => {
    const { onnx, golden } = await createGoldenModel(1);
    const registry = createModelRegistry(createAzureBlobStore({ connectionString }), MODEL_NAME);
    await registry.register(toRegistration({ runName: 'run-b', card: { golden: [...golden] }, files: { [MODEL_FILES.onnx]: onnx } }));
    await store.create(WANTED);
    const url = await start({ BAROMETER_MODEL_VERSION: '2' });
    assert.equal(await ask(url), 401);
    for (const { image, probabilities } of golden) {
      const answer = await fetch(`${url}/predict?faces=never`, { method: 'POST', body: Buffer.from(image, 'base64'), headers: { 'content-type': 'image/png' } });
      assert.equal(answer.status, 200);
      const answered = (await answer.json()) as PredictionAnswer;
      assert.ok(toGoldenDifference(probabilities, answered.probabilities!) < LARGEST_GOLDEN_DIFFERENCE);
    }
  });

  it('stay in force while the storage account is away', async () => {
    const front = await startFront(connectionString);
    try {
      const { key } = await store.create(WANTED);
      const url = await start({ BAROMETER_STORAGE_CONNECTION_STRING: front.connectionString, BAROMETER_API_KEYS_POLL_SECONDS: '0.1', BAROMETER_LOG_LEVEL: 'warn' });
      await until(async () => (await ask(url, key)) === 200);
      front.cut();
      await until(() => said.includes('those that are known stay in force'));
      assert.equal(await ask(url, key), 200);
      assert.equal(await ask(url), 401);
    } finally {
      await front.close();
    }
  });
});

/** Something before a storage account that can be cut off. */
async function startFront(behind: string) {
  const target = new URL(/BlobEndpoint=([^;]+)/.exec(behind)![1]!);
  const open = new Set<{ destroy(): void }>();
  let isCut = false;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    if (isCut) {
      socket.destroy();
      return;
    }
    const there = connect(Number(target.port), target.hostname);
    open.add(there);
    there.on('error', () => undefined);
    socket.pipe(there).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  function cut(): void {
    isCut = true;
    for (const each of open) each.destroy();
  }
  return {
    connectionString: behind.replace(`:${target.port}`, `:${port}`),
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
