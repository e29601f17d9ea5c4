import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { EMOTIONS } from '../../domain/emotion.ts';
import { runBarometer, startBarometer } from '../support/barometer.ts';
import { findFreePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

/** As long as a busy machine may take to train on the demo set. */
const LIMIT_MS = 15 * 60_000;

describe('barometer up', function () {
  this.timeout(LIMIT_MS);

  let stateDir: string;
  let environment: Record<string, string>;
  let ports: number[];

  before('choose a place and free ports', async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'barometer-up-'));
    ports = await Promise.all([findFreePort(), findFreePort(), findFreePort(), findFreePort()]);
    const [temporal, ui, azurite, api] = ports.map(String) as [string, string, string, string];
    environment = {
      BAROMETER_STATE_DIR: stateDir,
      BAROMETER_TEMPORAL_PORT: temporal,
      BAROMETER_TEMPORAL_UI_PORT: ui,
      BAROMETER_AZURITE_PORT: azurite,
      BAROMETER_API_PORT: api,
    };
  });

  after('remove it', () => rm(stateDir, { recursive: true, force: true }));

  async function assertNothingListens(): Promise<void> {
    await until(async () => (await Promise.all(ports.map(listens))).every((isListening) => !isListening));
  }

  it('says which port is taken, and which variable moves it', async () => {
    const server = createServer().listen(ports[3], '127.0.0.1');
    await once(server, 'listening');
    try {
      const { exitCode, stderr } = await runBarometer(['up', '--exit'], environment);
      assert.equal(exitCode, 1);
      assert.match(stderr, new RegExp(`port ${ports[3]} for the API: set BAROMETER_API_PORT`));
    } finally {
      server.close();
    }
  });

  it('draws a demo set, trains on it, prints one prediction and ends everything', async () => {
    const { exitCode, stdout, stderr } = await runBarometer(['up', '--exit'], environment);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /drawing 800 synthetic faces/);
    assert.match(stderr, /Registered emotions-cnn version 1/);
    assert.match(stdout, new RegExp(`POST /predict synthetic-\\S+: (${EMOTIONS.join('|')}), [\\d.]+ % sure \\(emotions-cnn version 1\\)`));
    await assertNothingListens();
  });

  it('serves what it has when it is started again, without another run, until it is told to end', async () => {
    const up = startBarometer(['up'], environment);
    await until(() => up.output().includes('Ctrl-C ends all of it') || up.process.exitCode !== null);
    assert.match(up.output(), /Serving emotions-cnn version 1/);
    assert.doesNotMatch(up.output(), /Pipeline of commit/);
    const api = `http://127.0.0.1:${environment['BAROMETER_API_PORT']}`;
    assert.equal((await fetch(`${api}/readyz`)).status, 200);
    assert.equal((await fetch(`${api}/docs/`)).status, 200);
    const secret = await runBarometer(['venues', 'secret', 'the-sun'], environment);
    assert.equal(secret.exitCode, 0, secret.stderr);
    assert.match(secret.stdout, /^whsec_\S+\n$/);
    const { exitCode } = await up.stop();
    assert.equal(exitCode, 0);
    await assertNothingListens();
  });

  it('leaves nothing behind when it is killed', async () => {
    const up = startBarometer(['up'], environment);
    await until(() => up.output().includes('Ctrl-C ends all of it') || up.process.exitCode !== null);
    await up.kill();
    await assertNothingListens();
  });
});

async function listens(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return false;
  } catch {
    return true;
  } finally {
    server.close();
  }
}
