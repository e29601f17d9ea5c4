import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toConnectionOptions } from '../../../adapters/temporal/connection-options.ts';
import { isFailure } from '../../../domain/failure.ts';
import { createAuthority } from '../../support/certificates.ts';

describe('what a connection is told', () => {
  const access = { address: 'temporal.example:7233', namespace: 'venues' };
  const { certificate } = createAuthority();
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-pem-'));
  });

  after(() => rm(directory, { recursive: true }));

  function optionsFor(given: string) {
    return toConnectionOptions({ ...access, tls: { ca: { given, setting: 'BAROMETER_TEMPORAL_TLS_CA' }, client: null, serverName: null } });
  }

  it('is the address alone where nothing else is said', async () => {
    assert.deepEqual(await toConnectionOptions(access), { address: 'temporal.example:7233' });
  });

  it('is the same certificate, whether given as it is or as a file', async () => {
    const file = join(directory, 'ca.pem');
    await writeFile(file, certificate);
    const expected = { address: 'temporal.example:7233', tls: { serverRootCACertificate: Buffer.from(certificate) } };
    assert.deepEqual(await optionsFor(file), expected);
    assert.deepEqual(await optionsFor(certificate), expected);
  });

  it('names the setting, and does not repeat its value, when there is no such file', async () => {
    await assert.rejects(optionsFor('MIIBbrokenkey'), (error) => {
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.match(error.message, /BAROMETER_TEMPORAL_TLS_CA/);
      assert.doesNotMatch(error.message, /MIIB/);
      return true;
    });
  });

  it('names the setting whose file is something else', async () => {
    const file = join(directory, 'ca.der');
    await writeFile(file, Buffer.of(0x30, 0x82));
    await assert.rejects(optionsFor(file), (error) => isFailure(error, 'configuration-invalid') && /BAROMETER_TEMPORAL_TLS_CA.*no PEM/.test(error.message));
  });
});
