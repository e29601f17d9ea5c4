import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useAzurite } from '../support/azurite.ts';
import { runBarometer, startBarometer } from '../support/barometer.ts';
import { createAuthority } from '../support/certificates.ts';
import type { TemporalFront } from '../support/temporal-front.ts';
import { startJudgingFront, startTlsFront } from '../support/temporal-front.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;

describe('barometer with a Temporal server that is careful', () => {
  const temporal = useTemporal();
  const azurite = useAzurite();
  const authority = createAuthority();
  const clients = createAuthority('Those who may come');
  let directory: string;
  let front: TemporalFront | undefined;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-pem-'));
  });

  afterEach(async () => {
    await front?.close();
    front = undefined;
  });

  after(() => rm(directory, { recursive: true }));

  interface Finding {
    readonly what: string;
    readonly ok: boolean;
    readonly found: string;
  }

  /** What `barometer doctor` says of the server. */
  async function examine(environment: Record<string, string>): Promise<Finding> {
    const { stdout } = await runBarometer(['doctor', '--json'], environment);
    return (JSON.parse(stdout) as Finding[]).find(({ what }) => what === 'Temporal server')!;
  }

  /** Whether a worker of every role gets to poll. */
  async function works(environment: Record<string, string>): Promise<void> {
    const worker = startBarometer(['worker'], environment);
    await until(() => worker.output().includes('Worker ready') || worker.process.exitCode !== null);
    const { exitCode, stderr } = await worker.stop();
    assert.match(stderr, /Worker ready/);
    assert.equal(exitCode, 0, stderr);
  }

  it('works by client certificate, given as text and as files', async () => {
    front = await startTlsFront(temporal.env.address, authority.issue(), clients.certificate);
    const { certificate, privateKey } = clients.issue();
    const keyFile = join(directory, 'key.pem');
    await writeFile(keyFile, privateKey);
    const environment = {
      BAROMETER_TEMPORAL_ADDRESS: front.address,
      BAROMETER_STORAGE_CONNECTION_STRING: azurite.newAccount().connectionString,
      BAROMETER_TEMPORAL_TLS_CA: authority.certificate,
      BAROMETER_TEMPORAL_TLS_CERT: certificate,
      BAROMETER_TEMPORAL_TLS_KEY: keyFile,
    };
    const { ok, found } = await examine(environment);
    assert.ok(ok, found);
    assert.match(found, /by TLS with a client certificate, payloads not encrypted/);
    await works(environment);
    const without = await examine({ ...environment, BAROMETER_TEMPORAL_TLS_CERT: '', BAROMETER_TEMPORAL_TLS_KEY: '' });
    assert.equal(without.ok, false);
    assert.match(without.found, /asks for a client certificate/);
  });

  it('works by API key, also where search attributes are left to administrators', async () => {
    front = await startJudgingFront(temporal.env.address, authority.issue(), ({ authorization, ':path': path }) => {
      if (authorization !== 'Bearer a-good-key') return UNAUTHENTICATED;
      return String(path).includes('OperatorService') ? PERMISSION_DENIED : null;
    });
    const environment = {
      BAROMETER_TEMPORAL_ADDRESS: front.address,
      BAROMETER_STORAGE_CONNECTION_STRING: azurite.newAccount().connectionString,
      BAROMETER_TEMPORAL_TLS_CA: authority.certificate,
      BAROMETER_TEMPORAL_API_KEY: 'a-good-key',
      BAROMETER_PAYLOAD_KEYS: `2026:${Buffer.alloc(32, 1).toString('base64')}`,
    };
    const { ok, found } = await examine(environment);
    assert.ok(ok, found);
    assert.match(found, /by TLS, with an API key, payloads encrypted with the key "2026"/);
    await works(environment);
    const denied = await examine({ ...environment, BAROMETER_TEMPORAL_API_KEY: 'an-old-secret' });
    assert.equal(denied.ok, false);
    assert.match(denied.found, /Check BAROMETER_TEMPORAL_API_KEY/);
    assert.doesNotMatch(denied.found, /an-old-secret/);
  });

  it('says that there is no such namespace', async () => {
    const { ok, found } = await examine({ BAROMETER_TEMPORAL_ADDRESS: temporal.env.address, BAROMETER_TEMPORAL_NAMESPACE: 'nowhere' });
    assert.equal(ok, false);
    assert.match(found, /no namespace "nowhere"/);
  });
});
