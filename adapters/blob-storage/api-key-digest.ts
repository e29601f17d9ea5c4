import { createHash } from 'node:crypto';

/** What is kept of a key, and compared. */
export function toApiKeyDigest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
