import assert from 'node:assert/strict';
import { readApiKeyId, toApiKey, toApiKeyStatus } from '../../domain/api-key.ts';

const NOW = new Date('2026-11-25T12:00:00Z');

describe('keys of the API', () => {
  it('name their id, and only what has the shape of one does', () => {
    const secret = 'A-_z'.repeat(10) + 'abc';
    assert.equal(readApiKeyId(toApiKey('0123456789ab', secret)), '0123456789ab');
    for (const other of ['', 'bm_', `bm_0123456789ab_${secret}x`, `bm_0123456789AB_${secret}`, ` bm_0123456789ab_${secret}`, `bm_0123456789ab_${secret}\n`]) {
      assert.equal(readApiKeyId(other), null, other);
    }
  });

  it('are in force until they expire, to the millisecond, or are revoked', () => {
    assert.equal(toApiKeyStatus({ expiresAt: null, revokedAt: null }, NOW), 'in force');
    assert.equal(toApiKeyStatus({ expiresAt: '2026-11-25T12:00:00.001Z', revokedAt: null }, NOW), 'in force');
    assert.equal(toApiKeyStatus({ expiresAt: '2026-11-25T12:00:00.000Z', revokedAt: null }, NOW), 'expired');
    assert.equal(toApiKeyStatus({ expiresAt: null, revokedAt: '2026-11-25T11:00:00Z' }, NOW), 'revoked');
  });
});
