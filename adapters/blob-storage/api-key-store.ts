import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ApiKeyRecord, ApiKeys } from '../../domain/api-key.ts';
import { API_KEY_ID_BYTES, API_KEY_SECRET_BYTES, apiKeysSchema, toApiKey } from '../../domain/api-key.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { accessKeys, CONTAINERS, usageKeys } from '../../domain/names.ts';
import { toApiKeyDigest } from './api-key-digest.ts';
import type { BlobStore } from './blob-store.ts';
import { noneWithoutContainer } from './none-without-container.ts';
import { parseStored, toJson } from './stored-json.ts';

export interface NewApiKey {
  readonly venue: string;
  readonly name: string;
  readonly expiresAt: Date | null;
}

export interface StoredApiKeys extends ApiKeys {
  readonly etag: string;
}

/**
 * The keys of the API's callers, one small document in the `access` container, which the API reads and cannot write; and
 * in the `usage` container, which it can, when each was last used.
 */
export interface ApiKeyStore {
  /** Makes a key. It is not kept: this is the only time that anybody sees it. */
  create(wanted: NewApiKey): Promise<{ readonly key: string; readonly record: ApiKeyRecord }>;
  /** Ends a key for good; one that was revoked before stays as it is. @throws Failure `not-found` */
  revoke(id: string): Promise<ApiKeyRecord>;
  /** Null when none was ever made. @throws Failure `data-corrupt` */
  find(): Promise<StoredApiKeys | null>;
  /** @throws Failure `data-corrupt` */
  findIfChanged(etag: string): Promise<StoredApiKeys | 'unchanged' | null>;
  /** Notes that a key was used. The last to write wins, for nobody counts on the minute. */
  noteUse(id: string, at: Date): Promise<void>;
  /** By id; keys that were never used are not in it. */
  listUses(): Promise<ReadonlyMap<string, Date>>;
}

/** Each lost race means that another writer won one. */
const MAX_RACES = 20;

const useSchema = z.object({ lastUsedAt: z.iso.datetime() });

export function createApiKeyStore(blobs: BlobStore): ApiKeyStore {
  const container = CONTAINERS.access;
  const document = accessKeys.keys;

  async function find(): Promise<StoredApiKeys | null> {
    const blob = await blobs.find(container, document).catch(noneWithoutContainer);
    return blob === null ? null : { ...parseStored(apiKeysSchema, document, blob.bytes), etag: blob.etag };
  }

  /** Decides on what is there and writes only over that; whoever loses a race decides anew. */
  async function update(decide: (keys: readonly ApiKeyRecord[]) => readonly ApiKeyRecord[] | null): Promise<void> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const found = await find();
      const keys = decide(found?.keys ?? []);
      if (keys === null || (await writeOver(found, toJson({ keys })))) return;
    }
    throw new Failure('write-conflict', `The keys were changed by others ${MAX_RACES} times while they were being changed. Try again.`);
  }

  async function writeOver(found: StoredApiKeys | null, content: string): Promise<boolean> {
    try {
      if (found === null) return await blobs.create(container, document, content);
      await blobs.replace(container, document, found.etag, content);
      return true;
    } catch (error) {
      if (isFailure(error, 'write-conflict')) return false;
      if (!isFailure(error, 'not-found')) throw error;
      // Keys can be made before any worker has ever started.
      await blobs.ensureContainers();
      return false;
    }
  }

  return {
    async create({ venue, name, expiresAt }) {
      const id = randomBytes(API_KEY_ID_BYTES).toString('hex');
      const key = toApiKey(id, randomBytes(API_KEY_SECRET_BYTES).toString('base64url'));
      const record: ApiKeyRecord = {
        id,
        venue,
        name,
        digest: toApiKeyDigest(key).toString('hex'),
        createdAt: new Date().toISOString(),
        expiresAt: expiresAt?.toISOString() ?? null,
        revokedAt: null,
      };
      // It is there already when the answer to the write got lost on the way.
      await update((keys) => (keys.some((each) => each.id === id) ? null : [...keys, record]));
      return { key, record };
    },

    async revoke(id) {
      let revoked: ApiKeyRecord | undefined;
      await update((keys) => {
        const record = keys.find((each) => each.id === id);
        if (record === undefined) throw new Failure('not-found', `There is no key ${id}. \`barometer keys list\` shows those that there are.`);
        revoked = record;
        if (record.revokedAt !== null) return null;
        const ended = { ...record, revokedAt: new Date().toISOString() };
        revoked = ended;
        return keys.map((each) => (each === record ? ended : each));
      });
      return revoked!;
    },

    find,

    async findIfChanged(etag) {
      const blob = await blobs.readIfChanged(container, document, etag).catch(noneWithoutContainer);
      if (blob === null || blob === 'unchanged') return blob;
      return { ...parseStored(apiKeysSchema, document, blob.bytes), etag: blob.etag };
    },

    async noteUse(id, at) {
      await blobs.write(CONTAINERS.usage, usageKeys.ofApiKey(id), toJson({ lastUsedAt: at.toISOString() }));
    },

    async listUses() {
      const uses = new Map<string, Date>();
      const names: string[] = [];
      try {
        for await (const { name } of blobs.list(CONTAINERS.usage, usageKeys.apiKeyPrefix)) names.push(name);
      } catch (error) {
        if (!isFailure(error, 'not-found')) throw error;
      }
      for (const name of names) {
        const blob = await blobs.find(CONTAINERS.usage, name);
        const id = usageKeys.toApiKeyId(name);
        if (blob !== null) uses.set(id, new Date(parseStored(useSchema, name, blob.bytes).lastUsedAt));
      }
      return uses;
    },
  };
}
