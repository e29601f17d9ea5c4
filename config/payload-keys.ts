import { z } from 'zod';
import { splitList } from './setting.ts';

/** A key for AES-256-GCM and the name under which payloads say that it was used. */
export interface PayloadKey {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

const KEY_BYTES = 32;
const ID = /^[\w.-]{1,64}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** `id:base64,id2:base64`. No message repeats what was given: it is secret. */
export const payloadKeys = z
  .string()
  .default('')
  .transform((text, context): readonly PayloadKey[] => {
    const keys: PayloadKey[] = [];
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message, input: undefined });
    };
    const entries = splitList(text);
    for (const [index, entry] of entries.entries()) {
      const [id = '', base64, ...rest] = entry.split(':');
      if (!ID.test(id) || base64 === undefined || rest.length > 0) {
        refuse(`entry ${index + 1} is not <id>:<base64> with an id of letters, digits, dots, dashes and underscores`);
      } else if (!BASE64.test(base64)) {
        refuse(`the key "${id}" is not base64`);
      } else if (Buffer.from(base64, 'base64').length !== KEY_BYTES) {
        refuse(`the key "${id}" has ${Buffer.from(base64, 'base64').length} bytes, and needs ${KEY_BYTES} (make one with: openssl rand -base64 ${KEY_BYTES})`);
      } else if (keys.some((key) => key.id === id)) {
        refuse(`the id "${id}" is there twice`);
      } else {
        keys.push({ id, secret: Buffer.from(base64, 'base64') });
      }
    }
    return keys;
  });
