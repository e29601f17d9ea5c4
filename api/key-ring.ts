import { timingSafeEqual } from 'node:crypto';
import { toApiKeyDigest } from '../adapters/blob-storage/api-key-digest.ts';
import type { StoredApiKeys } from '../adapters/blob-storage/api-key-store.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { ApiKeyRecord } from '../domain/api-key.ts';
import { readApiKeyId, toApiKeyStatus } from '../domain/api-key.ts';
import { follow } from './follow.ts';

/** Of the stored keys, what the API needs. */
export interface KeySource {
  find(): Promise<StoredApiKeys | null>;
  findIfChanged(etag: string): Promise<StoredApiKeys | 'unchanged' | null>;
}

export interface KeyHolder {
  /** Names the key, and is no secret. */
  readonly id: string;
  readonly venue: string;
}

/** What is known of the keys: nothing yet, that none was ever made, or that there are some, in force or not. */
export type KeyKnowledge = 'unknown' | 'none' | 'some';

export interface KeyRing {
  knowledge(): KeyKnowledge;
  /** Whose key it is; null for everything that is no key in force. Takes as long for a wrong key of a known id as for a right one. */
  findHolder(key: string): KeyHolder | null;
  /** Looks now whether keys were made or revoked; never rejects. */
  refresh(): Promise<void>;
  /** Stops looking. */
  close(): Promise<void>;
}

export interface KeyRingOptions {
  readonly source: KeySource;
  readonly pollMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called when what is known has become another thing. */
  readonly onKnowledge?: (knowledge: KeyKnowledge) => void;
}

/** Compared with where there is no such id, so that the answer takes no less time. */
const NOBODY = Buffer.alloc(32);

/**
 * Holds the keys in memory and follows the stored ones. When those can't be read, the known ones stay in force; when they
 * vanish, none is in force any more, and it still counts as "some": what was closed is not opened by a loss.
 */
export function createKeyRing({ source, pollMs, logger, onKnowledge = () => undefined }: KeyRingOptions): KeyRing {
  let records: ReadonlyMap<string, { readonly record: ApiKeyRecord; readonly digest: Buffer }> = new Map();
  let knowledge: KeyKnowledge = 'unknown';
  let etag: string | null = null;
  let isReadable = true;

  async function look(): Promise<void> {
    try {
      const found = etag === null ? await source.find() : await source.findIfChanged(etag);
      if (!isReadable) logger.info('the keys can be read again');
      isReadable = true;
      if (found !== 'unchanged') take(found);
    } catch (error) {
      // Once, not at every look.
      if (isReadable) logger.warn({ err: error, known: records.size }, 'the keys could not be read; those that are known stay in force');
      isReadable = false;
    }
  }

  function take(found: StoredApiKeys | null): void {
    const keys = found?.keys ?? [];
    const hasChanged = found !== null || etag !== null;
    etag = found?.etag ?? null;
    records = new Map(keys.map((record) => [record.id, { record, digest: Buffer.from(record.digest, 'hex') }]));
    const now = new Date();
    if (hasChanged) logger.info({ keys: keys.length, inForce: keys.filter((record) => toApiKeyStatus(record, now) === 'in force').length }, 'keys read');
    const before = knowledge;
    if (keys.length > 0) knowledge = 'some';
    else if (knowledge === 'unknown') knowledge = 'none';
    if (knowledge !== before) onKnowledge(knowledge);
  }

  const following = follow(look, pollMs);

  return {
    knowledge: () => knowledge,

    findHolder(key) {
      const id = readApiKeyId(key);
      const known = id === null ? undefined : records.get(id);
      const isRight = timingSafeEqual(toApiKeyDigest(key), known?.digest ?? NOBODY);
      if (known === undefined || !isRight || toApiKeyStatus(known.record, new Date()) !== 'in force') return null;
      return { id: known.record.id, venue: known.record.venue };
    },

    refresh: following.refresh,
    close: following.close,
  };
}
