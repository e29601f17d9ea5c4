import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';
import { isFailure } from '../../domain/failure.ts';

describe('the settings of who may call', () => {
  it('take origins as browsers send them, and nothing else', () => {
    for (const origins of ['https://a.example/', '*', 'a.example', 'https://a.example/page', 'ftp://a.example', 'null', 'https://a.example, *']) {
      assert.throws(() => loadConfig({ BAROMETER_API_CORS_ORIGINS: origins }), (error) => isFailure(error, 'configuration-invalid') && error.message.includes('give origins like'), origins);
    }
  });

  it('take no limit below zero, nor half a request', () => {
    for (const limit of ['-1', '0.5', 'many']) {
      assert.throws(() => loadConfig({ BAROMETER_API_REQUESTS_PER_MINUTE: limit }), (error) => isFailure(error, 'configuration-invalid'), limit);
    }
  });

  it('tell "not said" from "no"', () => {
    assert.deepEqual(['', 'true', 'false'].map((open) => loadConfig({ BAROMETER_API_OPEN: open }).access.open), [null, true, false]);
  });
});
