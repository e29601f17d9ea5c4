import { createHash } from 'node:crypto';

/** The SHA-256 of bytes, as 64 hexadecimal digits: what stored files are told by. */
export function toSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
