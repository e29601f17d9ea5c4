import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';
import { isFailure } from '../../domain/failure.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n';

describe('the settings of Temporal', () => {
  function refusalOf(environment: Record<string, string>): string {
    try {
      loadConfig(environment);
    } catch (error) {
      assert.ok(isFailure(error, 'configuration-invalid'));
      return error.message;
    }
    return assert.fail('they were taken');
  }

  it('speak plain text when nothing is said of TLS', () => {
    assert.equal(loadConfig({}).temporal.tls, null);
  });

  it('turn TLS on with an API key', () => {
    const { tls, apiKey } = loadConfig({ BAROMETER_TEMPORAL_API_KEY: 'a key\n' }).temporal;
    assert.deepEqual(tls, { ca: null, client: null, serverName: null });
    assert.equal(apiKey, 'a key', 'the line break of a secret that was pasted is no part of it');
  });

  it('turn TLS on by themselves, too', () => {
    assert.deepEqual(loadConfig({ BAROMETER_TEMPORAL_TLS: 'true' }).temporal.tls, { ca: null, client: null, serverName: null });
  });

  it('take certificates as files and as they are', () => {
    const { tls } = loadConfig({
      BAROMETER_TEMPORAL_TLS_CA: '/etc/temporal/ca.pem',
      BAROMETER_TEMPORAL_TLS_CERT: PEM,
      BAROMETER_TEMPORAL_TLS_KEY: 'key.pem',
      BAROMETER_TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
    }).temporal;
    assert.deepEqual(tls, {
      ca: { given: '/etc/temporal/ca.pem', setting: 'BAROMETER_TEMPORAL_TLS_CA' },
      client: { certificate: { given: PEM, setting: 'BAROMETER_TEMPORAL_TLS_CERT' }, key: { given: 'key.pem', setting: 'BAROMETER_TEMPORAL_TLS_KEY' } },
      serverName: 'temporal.example',
    });
  });

  it('name both variables when a certificate comes without its key, or a key without its certificate', () => {
    assert.match(refusalOf({ BAROMETER_TEMPORAL_TLS_CERT: PEM }), /BAROMETER_TEMPORAL_TLS_CERT is of no use without BAROMETER_TEMPORAL_TLS_KEY/);
    assert.match(refusalOf({ BAROMETER_TEMPORAL_TLS_KEY: 'key.pem' }), /BAROMETER_TEMPORAL_TLS_KEY is of no use without BAROMETER_TEMPORAL_TLS_CERT/);
  });

  it('never send an API key in plain text', () => {
    const message = refusalOf({ BAROMETER_TEMPORAL_TLS: 'false', BAROMETER_TEMPORAL_API_KEY: 'very-secret' });
    assert.match(message, /BAROMETER_TEMPORAL_TLS is off.*BAROMETER_TEMPORAL_API_KEY/);
    assert.doesNotMatch(message, /very-secret/);
  });
});
