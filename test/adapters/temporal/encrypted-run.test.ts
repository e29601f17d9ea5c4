import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import type { Browser } from 'playwright-core';
import type { CodecServer } from '../../../adapters/temporal/codec-server.ts';
import { startCodecServer } from '../../../adapters/temporal/codec-server.ts';
import type { TemporalConnection } from '../../../adapters/temporal/connection.ts';
import { connectTemporal } from '../../../adapters/temporal/connection.ts';
import { decodePayloads, toDataConverter, toFailureConverter } from '../../../adapters/temporal/data-converter.ts';
import { createPayloadEncryption } from '../../../adapters/temporal/payload-encryption.ts';
import { installRuntime } from '../../../adapters/temporal/runtime.ts';
import { connectWorkers } from '../../../adapters/temporal/worker-connection.ts';
import type { PayloadKey } from '../../../config/payload-keys.ts';
import { findFreePort } from '../../support/free-port.ts';
import { launchBrowser, openPage } from '../../support/browser.ts';
import type { TalkativeActivities } from '../../support/talkative-workflow.ts';
import { until } from '../../support/until.ts';

const TASK_QUEUE = 'talk';

const OLD: PayloadKey = { id: 'old', secret: randomBytes(32) };
const KEY: PayloadKey = { id: 'new', secret: randomBytes(32) };

/** A run that has said something. */
interface Talk {
  readonly workflowId: string;
  readonly runId: string;
  /** What the activity's heartbeat said, as the client reads it. */
  readonly heartbeat: unknown;
}

describe('runs whose payloads are encrypted', () => {
  let directory: string;
  let env: TestWorkflowEnvironment;
  let codec: CodecServer;
  let uiUrl: string;
  let runs = 0;

  before('start a Temporal server with its UI, and a codec server for that', async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-encrypted-'));
    const uiPort = await findFreePort();
    uiUrl = `http://127.0.0.1:${uiPort}`;
    codec = await startCodecServer({ codec: createPayloadEncryption([KEY]), origins: [uiUrl], host: '127.0.0.1', port: 0 });
    installRuntime('error');
    env = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: process.env['BAROMETER_TEMPORAL_CLI'] ?? 'temporal' },
        ui: true,
        uiPort,
        dbFilename: join(directory, 'temporal.db'),
        extraArgs: ['--ui-codec-endpoint', codec.url],
      },
    });
  });

  after(async () => {
    await (env as TestWorkflowEnvironment | undefined)?.teardown();
    await (codec as CodecServer | undefined)?.close();
    await rm(directory, { recursive: true });
  });

  /** Words as long as a git-sha, which happen nowhere by themselves. */
  const newWord = () => randomBytes(20).toString('hex');

  /** Client and worker with these keys, while `work` goes on; `letGo` ends the activity that has said its word. */
  async function withKeys<T>(keys: readonly PayloadKey[], work: (temporal: TemporalConnection, letGo: () => void) => Promise<T>): Promise<T> {
    const access = { address: env.address, namespace: 'default', payloadKeys: keys };
    const temporal = await connectTemporal(access);
    const connection = await connectWorkers(access);
    const { promise: gone, resolve: letGo } = Promise.withResolvers<void>();
    const activities: TalkativeActivities = {
      async say(word) {
        Context.current().heartbeat({ said: word });
        await gone;
        return word;
      },
      fail: (word) => Promise.reject(new Error(`an activity failed with ${word}`)),
    };
    const worker = await Worker.create({
      connection,
      taskQueue: TASK_QUEUE,
      activities,
      dataConverter: toDataConverter(keys),
      maxHeartbeatThrottleInterval: '100 milliseconds',
      workflowBundle: await bundleWorkflowCode({
        workflowsPath: fileURLToPath(new URL('../../support/talkative-workflow.ts', import.meta.url)),
        logger: new DefaultLogger('ERROR'),
        ...toFailureConverter(keys),
      }),
    });
    try {
      return await worker.runUntil(() => work(temporal, letGo));
    } finally {
      await connection.close();
      await temporal.close();
    }
  }

  function start({ client }: TemporalConnection, workflow: 'talkative' | 'failing', word: string) {
    runs += 1;
    return client.workflow.start(workflow, {
      workflowId: `talk-${runs}`,
      taskQueue: TASK_QUEUE,
      args: [word],
      memo: { started: word },
      staticSummary: `about ${word}`,
      staticDetails: word,
    });
  }

  /** Says the word everywhere. */
  async function talk(temporal: TemporalConnection, letGo: () => void, word: string): Promise<Talk> {
    const handle = await start(temporal, 'talkative', word);
    await handle.signal('noted', word);
    let heartbeat: unknown = null;
    await until(async () => {
      const { raw } = await handle.describe();
      const payloads = raw.pendingActivities?.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads ?? []) ?? [];
      [heartbeat] = await decodePayloads(temporal.client.workflow, payloads);
      return heartbeat !== undefined;
    });
    letGo();
    assert.equal(await handle.result(), word);
    const { memo, staticSummary } = await handle.describe().then(async (description) => ({ memo: description.memo, staticSummary: await description.staticSummary() }));
    assert.deepEqual(memo, { started: word, said: word });
    assert.equal(staticSummary, `about ${word}`);
    const failed = await start(temporal, 'failing', word);
    await assert.rejects(failed.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError);
      assert.match(String(error.cause), new RegExp(`it failed with ${word}`));
      assert.match(error.cause!.stack!, /talkative-workflow/);
      return true;
    });
    return { workflowId: handle.workflowId, runId: handle.firstExecutionRunId, heartbeat };
  }

  /** In how many of the server's own files the word is: with everything that it keeps of runs. */
  async function findInDatabase(word: string): Promise<number> {
    const files = await readdir(directory);
    const contents = await Promise.all(files.map((file) => readFile(join(directory, file))));
    return contents.filter((content) => content.includes(word)).length;
  }

  it('leave no plain text anywhere in what the server keeps, and read as before', async () => {
    const word = newWord();
    const { heartbeat } = await withKeys([KEY], (temporal, letGo) => talk(temporal, letGo, word));
    assert.deepEqual(heartbeat, { said: word });
    assert.equal(await findInDatabase(word), 0);
    assert.ok((await findInDatabase('talk-1')) > 0, 'the run itself is in there');
  });

  it('would leave it there without a key', async () => {
    const word = newWord();
    const { heartbeat } = await withKeys([], (temporal, letGo) => talk(temporal, letGo, word));
    assert.deepEqual(heartbeat, { said: word });
    assert.ok((await findInDatabase(word)) > 0);
  });

  for (const [what, before] of [['in plain text', []], ['under the key before', [OLD]]] as const) {
    it(`that began ${what} go on and are read under a new key`, async () => {
      const word = newWord();
      const starter = await connectTemporal({ address: env.address, namespace: 'default', payloadKeys: before });
      const { workflowId } = await start(starter, 'talkative', word);
      await starter.close();
      await withKeys([KEY, OLD], async ({ client }, letGo) => {
        letGo();
        const handle = client.workflow.getHandle(workflowId);
        assert.equal(await handle.result(), word);
        assert.equal((await handle.describe()).memo!['started'], word);
      });
    });
  }

  it('can not be read with another key, and say with which', async () => {
    const word = newWord();
    const { workflowId } = await withKeys([KEY], (temporal, letGo) => talk(temporal, letGo, word));
    const stranger = await connectTemporal({ address: env.address, namespace: 'default', payloadKeys: [OLD] });
    await assert.rejects(stranger.client.workflow.getHandle(workflowId).result(), /"new".*BAROMETER_PAYLOAD_KEYS/);
    await stranger.close();
  });

  describe('in the Temporal UI', () => {
    let browser: Browser;

    before(async function () {
      browser = await launchBrowser(this);
    });

    after(async () => {
      await (browser as Browser | undefined)?.close();
    });

    /** Waits until the page of the run says this; returns all that it says. One that has met an error stays as it is, until it is loaded again. */
    async function readPage({ workflowId, runId }: Talk, expected: string): Promise<string> {
      const page = await openPage(browser);
      await until(async () => {
        await page.goto(`${uiUrl}/namespaces/default/workflows/${workflowId}/${runId}/history`);
        return page.waitForFunction((words) => document.body.innerText.includes(words), expected, { timeout: 20_000 }).then(() => true, () => false);
      });
      const text = await page.locator('body').innerText();
      await page.close();
      return text;
    }

    it('are shown in plain text through the codec server, and not without it', async () => {
      const word = newWord();
      const run = await withKeys([KEY], (temporal, letGo) => talk(temporal, letGo, word));
      assert.doesNotMatch(await readPage(run, word), /encryption-key-id/);
      await codec.close();
      assert.ok(!(await readPage(run, 'encryption-key-id')).includes(word));
      codec = await startCodecServer({ codec: createPayloadEncryption([KEY]), origins: [uiUrl], host: '127.0.0.1', port: Number(new URL(codec.url).port) });
    });
  });
});
