import { z } from 'zod';
import { venueIdSchema } from './venue.ts';

/**
 * Keys by which callers of the API are known. A key is `bm_<id>_<secret>`: the id names it in lists and logs, the secret is 256
 * random bits. What is kept is the SHA-256 of the whole. A slow hash is for what people think up: nobody guesses 256
 * random bits, however fast the hash, and a slow one would be paid for at every request.
 */

export const API_KEY_ID_BYTES = 6;
export const API_KEY_SECRET_BYTES = 32;
const API_KEY = /^bm_([0-9a-f]{12})_[\w-]{43}$/;

const apiKeyRecordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** Whose it is; a venue may have several, so that one can take over from another. */
  venue: venueIdSchema,
  /** What it is for, in people's words. */
  name: z.string().max(100),
  /** SHA-256 of the whole key, in hexadecimal digits. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  /** Null: until it is revoked. */
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecordSchema>;

/** All keys that were ever made: those that are over stay, so that lists can say what became of them. */
export const apiKeysSchema = z.object({ keys: z.array(apiKeyRecordSchema) });
export type ApiKeys = z.infer<typeof apiKeysSchema>;

export type ApiKeyStatus = 'in force' | 'expired' | 'revoked';

export function toApiKeyStatus({ expiresAt, revokedAt }: Pick<ApiKeyRecord, 'expiresAt' | 'revokedAt'>, now: Date): ApiKeyStatus {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= now.getTime() ? 'expired' : 'in force';
}

export function toApiKey(id: string, secret: string): string {
  return `bm_${id}_${secret}`;
}

/** The id that a key names; null for what has not the shape of one. */
export function readApiKeyId(key: string): string | null {
  return API_KEY.exec(key)?.[1] ?? null;
}
