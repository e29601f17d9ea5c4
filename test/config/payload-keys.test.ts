import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../config/config.ts';
import { isFailure } from '../../domain/failure.ts';

describe('the keys for payloads', () => {
  const first = randomBytes(32);
  const second = randomBytes(32);

  function toKeys(text: string) {
    return loadConfig({ BAROMETER_PAYLOAD_KEYS: text }).temporal.payloadKeys;
  }

  it('are none when nothing is said', () => {
    assert.deepEqual(loadConfig({}).temporal.payloadKeys, []);
  });

  it('are read in their order, the one that encrypts first', () => {
    assert.deepEqual(toKeys(`2026-11:${second.toString('base64')}, 2025-12:${first.toString('base64')},`), [
      { id: '2026-11', secret: second },
      { id: '2025-12', secret: first },
    ]);
  });

  const BAD: readonly (readonly [what: string, text: string, reason: RegExp])[] = [
    ['a key of the wrong length', `short:${randomBytes(16).toString('base64')}`, /the key "short" has 16 bytes, and needs 32/],
    ['what is not base64', 'a:not*base64', /the key "a" is not base64/],
    ['a key without an id', first.toString('base64'), /entry 1 is not <id>:<base64>/],
    ['an id with other characters', `a b:${first.toString('base64')}`, /entry 1 is not <id>:<base64>/],
    ['an id that is there twice', `a:${first.toString('base64')},a:${second.toString('base64')}`, /the id "a" is there twice/],
  ];
  for (const [what, text, reason] of BAD) {
    it(`refuse ${what}, and do not repeat it`, () => {
      assert.throws(() => toKeys(text), (error) => {
        assert.ok(isFailure(error, 'configuration-invalid'));
        assert.match(error.message, /BAROMETER_PAYLOAD_KEYS/);
        assert.match(error.message, reason);
        for (const secret of [first, second]) assert.ok(!error.message.includes(secret.toString('base64')));
        return true;
      });
    });
  }
});
