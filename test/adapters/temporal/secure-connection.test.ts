import assert from 'node:assert/strict';
import { connectTemporal } from '../../../adapters/temporal/connection.ts';
import { connectWorkers } from '../../../adapters/temporal/worker-connection.ts';
import type { Pem, TemporalAccess, TemporalTls } from '../../../config/temporal.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { Certificate } from '../../support/certificates.ts';
import { createAuthority } from '../../support/certificates.ts';
import type { TemporalFront } from '../../support/temporal-front.ts';
import { startJudgingFront, startTlsFront } from '../../support/temporal-front.ts';
import { useTemporal } from '../../support/temporal.ts';

const authority = createAuthority();
const clients = createAuthority('Those who may come');
const server = authority.issue();

describe('a connection to a Temporal server that is careful', () => {
  const temporal = useTemporal();
  const fronts: TemporalFront[] = [];

  after('end what stands in front of it', async () => {
    for (const front of fronts) await front.close();
  });

  async function open(front: Promise<TemporalFront>): Promise<string> {
    fronts.push(await front);
    return fronts.at(-1)!.address;
  }

  const openTls = (certificate: Certificate = server) => open(startTlsFront(temporal.env.address, certificate));
  const openMtls = () => open(startTlsFront(temporal.env.address, server, clients.certificate));

  /** Clients and workers, whose connections are made by different libraries. */
  async function connects(access: TemporalAccess): Promise<void> {
    const client = await connectTemporal(access);
    assert.equal((await client.client.workflow.count('WorkflowId = "nobody"')).count, 0);
    await client.close();
    const workers = await connectWorkers(access);
    await workers.close();
  }

  async function isRefused(access: TemporalAccess, kind: FailureKind, message: RegExp, ways = [connectTemporal] as readonly ((access: TemporalAccess) => Promise<unknown>)[]): Promise<void> {
    for (const connect of ways) {
      await assert.rejects(connect(access), (error) => {
        assert.ok(isFailure(error, kind), `${connect.name}: ${String(error)}`);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret|-----BEGIN/);
        return true;
      });
    }
  }

  it('is made by TLS, to whom the given authority vouches for', async () => {
    await connects({ address: await openTls(), namespace: 'default', tls: toTls() });
  });

  it('is not made where another authority vouches, and says which setting to look at', async () => {
    const access = { address: await openTls(), namespace: 'default', tls: toTls({ ca: toPem(clients.certificate, 'CA') }) };
    await isRefused(access, 'configuration-invalid', /BAROMETER_TEMPORAL_TLS_CA/);
  });

  it('is not made with a certificate that has expired', async () => {
    const access = { address: await openTls(authority.issue({ expired: true })), namespace: 'default', tls: toTls() };
    await isRefused(access, 'configuration-invalid', /expired/);
  });

  it('is not made under another name', async () => {
    const access = { address: await openTls(authority.issue({ ip: [10, 0, 0, 1] })), namespace: 'default', tls: toTls() };
    await isRefused(access, 'configuration-invalid', /another name.*BAROMETER_TEMPORAL_TLS_SERVER_NAME/);
  });

  it('says that TLS must be turned on, and off', async () => {
    await isRefused({ address: await openTls(), namespace: 'default' }, 'configuration-invalid', /set BAROMETER_TEMPORAL_TLS=true/);
    await isRefused({ address: temporal.env.address, namespace: 'default', tls: toTls() }, 'configuration-invalid', /does not speak TLS/);
  });

  it('shows its certificate to a server that asks for one', async () => {
    await connects({ address: await openMtls(), namespace: 'default', tls: toTls({ client: toClient(clients.issue()) }) });
  });

  it('is refused without a certificate, with one of strangers, and with an expired one', async () => {
    const address = await openMtls();
    for (const client of [null, toClient(authority.issue()), toClient(clients.issue({ expired: true }))]) {
      await isRefused({ address, namespace: 'default', tls: toTls({ client }) }, 'access-denied', /BAROMETER_TEMPORAL_TLS_CERT and BAROMETER_TEMPORAL_TLS_KEY/);
    }
  });

  it('says that key and certificate do not belong together', async () => {
    const client = { certificate: toPem(clients.issue().certificate, 'CERT'), key: toPem(clients.issue().privateKey, 'KEY') };
    await isRefused({ address: await openMtls(), namespace: 'default', tls: toTls({ client }) }, 'configuration-invalid', /is the key the one of the certificate/);
  });

  describe('by API key', () => {
    const UNAUTHENTICATED = 16;
    const PERMISSION_DENIED = 7;
    let address: string;

    before(async () => {
      address = await open(
        startJudgingFront(temporal.env.address, server, ({ authorization, ':path': path, 'temporal-namespace': namespace }) => {
          if (authorization !== 'Bearer a-good-key') return UNAUTHENTICATED;
          return namespace === 'of-others' || String(path).includes('OperatorService') ? PERMISSION_DENIED : null;
        }),
      );
    });

    it('is made with the key, and not without', async () => {
      await connects({ address, namespace: 'default', tls: toTls(), apiKey: 'a-good-key' });
      await isRefused({ address, namespace: 'default', tls: toTls() }, 'access-denied', /set BAROMETER_TEMPORAL_API_KEY/);
      await isRefused({ address, namespace: 'default', tls: toTls(), apiKey: 'a-secret-bad-key' }, 'access-denied', /Check BAROMETER_TEMPORAL_API_KEY/, [connectTemporal, connectWorkers]);
    });

    it('says at once that the namespace is not for us', async () => {
      const access = { address, namespace: 'of-others', tls: toTls(), apiKey: 'a-good-key' };
      await assert.rejects(connectTemporal(access), (error) => isFailure(error, 'access-denied') && /"of-others"/.test(error.message));
    });
  });
});

function toTls(parts: Partial<TemporalTls> = {}): TemporalTls {
  return { ca: toPem(authority.certificate, 'CA'), client: null, serverName: null, ...parts };
}

function toPem(given: string, which: 'CA' | 'CERT' | 'KEY'): Pem {
  return { given, setting: `BAROMETER_TEMPORAL_TLS_${which}` };
}

function toClient({ certificate, privateKey }: Certificate): TemporalTls['client'] {
  return { certificate: toPem(certificate, 'CERT'), key: toPem(privateKey, 'KEY') };
}
