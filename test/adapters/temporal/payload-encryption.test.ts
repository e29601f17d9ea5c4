import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import { createPayloadEncryption } from '../../../adapters/temporal/payload-encryption.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';

const OLD = { id: '2025', secret: randomBytes(32) };
const NEW = { id: '2026', secret: randomBytes(32) };

describe('the encryption of payloads', () => {
  const toPayload = (value: unknown) => defaultPayloadConverter.toPayload(value);
  const fromPayload = (payload: Payload | undefined) => defaultPayloadConverter.fromPayload<unknown>(payload!);

  async function encrypt(value: unknown, ...keys: (typeof OLD)[]): Promise<Payload> {
    const [payload] = await createPayloadEncryption(keys).encode([toPayload(value)]);
    return payload!;
  }

  async function decrypt(payload: Payload, ...keys: (typeof OLD)[]): Promise<unknown> {
    const [plain] = await createPayloadEncryption(keys).decode([payload]);
    return fromPayload(plain);
  }

  async function isRefused(decrypted: Promise<unknown>, kind: FailureKind, words: RegExp): Promise<void> {
    await assert.rejects(decrypted, (error) => isFailure(error, kind) && words.test(error.message));
  }

  it('hides what a payload says and what kind it is, and gives it back', async () => {
    const hidden = await encrypt({ gitSha: 'abcdef' }, NEW);
    assert.equal(Buffer.from(hidden.metadata!['encoding']!).toString(), 'binary/encrypted');
    assert.equal(Buffer.from(hidden.metadata!['encryption-key-id']!).toString(), '2026');
    assert.doesNotMatch(Buffer.from(hidden.data!).toString('latin1'), /gitSha|abcdef|json/);
    assert.deepEqual(await decrypt(hidden, NEW), { gitSha: 'abcdef' });
  });

  it('never writes the same twice', async () => {
    assert.notDeepEqual((await encrypt('same', NEW)).data, (await encrypt('same', NEW)).data);
  });

  it('gives back values of every encoding, also none and bytes', async () => {
    for (const value of [undefined, null, 0, 'text', [1, { two: 2 }], new Uint8Array([1, 2, 3])]) {
      assert.deepEqual(await decrypt(await encrypt(value, NEW), NEW), value);
    }
  });

  it('encrypts with the first key and decrypts with each, so that keys can be rotated', async () => {
    const old = await encrypt('old', OLD);
    assert.equal(await decrypt(old, NEW, OLD), 'old');
    const fresh = await encrypt('new', NEW, OLD);
    assert.equal(await decrypt(fresh, NEW), 'new');
    assert.equal(await decrypt(fresh, OLD, NEW), 'new', 'also by those who have the keys in the order of before');
  });

  it('leaves what was written in plain text readable', async () => {
    assert.equal(await decrypt(toPayload('plain'), NEW), 'plain');
  });

  it('changes nothing without a key', async () => {
    assert.deepEqual(await encrypt('plain'), toPayload('plain'));
  });

  it('names the key that is missing', async () => {
    const hidden = await encrypt('old', OLD);
    await isRefused(decrypt(hidden, NEW), 'configuration-invalid', /"2025".*BAROMETER_PAYLOAD_KEYS/);
    await isRefused(decrypt(hidden), 'configuration-invalid', /"2025".*BAROMETER_PAYLOAD_KEYS/);
  });

  it('does not take what was changed, cut short, or encrypted with another key of the same name', async () => {
    const hidden = await encrypt('old', OLD);
    const changed = Buffer.from(hidden.data!);
    changed[20]! ^= 1;
    await isRefused(decrypt({ ...hidden, data: changed }, OLD), 'data-corrupt', /"2025"/);
    for (const length of [0, 11, 20]) await isRefused(decrypt({ ...hidden, data: hidden.data!.subarray(0, length) }, OLD), 'data-corrupt', /"2025"/);
    await isRefused(decrypt(hidden, { ...NEW, id: '2025' }), 'data-corrupt', /"2025"/);
  });
});
