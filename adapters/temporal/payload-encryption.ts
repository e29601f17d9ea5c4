import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { METADATA_ENCODING_KEY } from '@temporalio/common';
import protocol from '@temporalio/proto';
import type { PayloadKey } from '../../config/payload-keys.ts';
import { Failure } from '../../domain/failure.ts';

/** As in Temporal's own samples, so that tools which know those can read it. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const { Payload: PayloadMessage } = protocol.temporal.api.common.v1;

/**
 * Encrypts payloads by AES-256-GCM with the first key, and decrypts those that were encrypted with any of them. Payloads that
 * are in plain text stay readable, and without a key everything is left in plain text.
 *
 * @throws Failure `configuration-invalid` for a payload under a key that is not there, `data-corrupt` for one that the key
 *   does not open
 */
export function createPayloadEncryption(keys: readonly PayloadKey[]): PayloadCodec {
  const [current] = keys;
  return {
    encode: (payloads) => settle(() => (current === undefined ? payloads : payloads.map((payload) => encrypt(payload, current)))),
    decode: (payloads) => settle(() => payloads.map((payload) => (toText(payload, METADATA_ENCODING_KEY) === ENCODING ? decrypt(payload, keys) : payload))),
  };
}

function settle<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function encrypt(payload: Payload, { id, secret }: PayloadKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  const data = Buffer.concat([nonce, cipher.update(PayloadMessage.encode(payload).finish()), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { [METADATA_ENCODING_KEY]: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) }, data };
}

function decrypt(payload: Payload, keys: readonly PayloadKey[]): Payload {
  const id = toText(payload, KEY_ID);
  const key = keys.find((each) => each.id === id);
  if (key === undefined) {
    throw new Failure('configuration-invalid', `Temporal holds data that is encrypted with the key "${id}", which is not in BAROMETER_PAYLOAD_KEYS: add it there, after the key that encrypts.`);
  }
  try {
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key.secret, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
    const plain = Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, data.length - TAG_BYTES)), decipher.final()]);
    return PayloadMessage.decode(plain);
  } catch (error) {
    throw new Failure('data-corrupt', `Temporal holds data that the key "${id}" of BAROMETER_PAYLOAD_KEYS does not open: it was changed, or encrypted with another key of that name.`, { cause: error });
  }
}

function toText(payload: Payload, name: string): string {
  return Buffer.from(payload.metadata?.[name] ?? []).toString();
}
