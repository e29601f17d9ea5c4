import { z } from 'zod';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { ModelAlias } from '../../domain/names.ts';
import { CONTAINERS, modelKeys } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { parseStored, toJson } from './stored-json.ts';

/** Where an alias points, and the ETag that changes when it moves. */
export interface AliasTarget {
  readonly version: number;
  readonly etag: string;
}

/** The moving names of a model's versions: `latest` is served, `previous` is what was served before it. */
export interface ModelAliases {
  /** Points `latest` at a new version, unless it has been at this one or a newer one before. */
  promote(version: number): Promise<void>;
  /**
   * Swaps the two. Whatever it throws, both stay.
   *
   * @param check rejects when the version that would become `latest` must not
   * @throws Failure `not-found` when there is no previous version, `write-conflict` when `latest` moves on to a third meanwhile
   */
  swap(check: (version: number) => Promise<unknown>): Promise<{ readonly from: number; readonly to: number }>;
  resolve(alias: ModelAlias): Promise<AliasTarget | null>;
  readLatestIfChanged(etag: string): Promise<AliasTarget | 'unchanged' | null>;
}

const versionNumber = z.int().positive();
const aliasSchema = z.object({ version: versionNumber, movedAt: z.iso.datetime() });

/** `latest` alone decides; the blob of `previous` follows it, so that one conditional write moves both. */
const latestSchema = aliasSchema.extend({
  previous: versionNumber.nullable(),
  /** The newest version that `latest` ever pointed at: a run that comes late, or again, does not undo a rollback. */
  newest: versionNumber,
});
type Latest = z.infer<typeof latestSchema>;

/** Each lost race means that another writer won one; so many in a row don't happen. */
const MAX_RACES = 100;

const container = CONTAINERS.models;

export function createModelAliases(blobs: BlobStore, name: string): ModelAliases {
  const latestKey = modelKeys.alias(name, 'latest');
  const previousKey = modelKeys.alias(name, 'previous');

  /** Decides on what is there and writes only over that; whoever loses a race decides anew. Null leaves it as it is. */
  async function updateLatest(decide: (latest: Latest | null) => Promise<Omit<Latest, 'movedAt'> | null>): Promise<void> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const found = await blobs.find(container, latestKey);
      const decision = await decide(found === null ? null : parseStored(latestSchema, latestKey, found.bytes));
      if (decision !== null) {
        const isWritten = await writeOver(latestKey, found?.etag, { ...decision, movedAt: new Date().toISOString() });
        if (!isWritten) continue;
      }
      await followWithPrevious();
      return;
    }
    throw toTooManyRaces(latestKey);
  }

  /** Brings `previous` to where `latest` says; whoever comes last leaves it right, in whatever order writers come. */
  async function followWithPrevious(): Promise<void> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const found = await blobs.find(container, previousKey);
      const latest = await blobs.read(container, latestKey);
      const { previous, movedAt } = parseStored(latestSchema, latestKey, latest.bytes);
      if (previous === null) return;
      if (found !== null && parseStored(aliasSchema, previousKey, found.bytes).version === previous) return;
      await writeOver(previousKey, found?.etag, { version: previous, movedAt });
    }
    throw toTooManyRaces(previousKey);
  }

  async function writeOver(key: string, etag: string | undefined, value: unknown): Promise<boolean> {
    if (etag === undefined) return blobs.create(container, key, toJson(value));
    try {
      await blobs.replace(container, key, etag, toJson(value));
      return true;
    } catch (error) {
      if (isFailure(error, 'write-conflict')) return false;
      throw error;
    }
  }

  return {
    async promote(version) {
      await updateLatest(async (latest) => {
        if (latest === null) return { version, previous: null, newest: version };
        if (version <= latest.newest) return null;
        return { version, previous: latest.version, newest: version };
      });
    },

    async swap(check) {
      let swap = { from: 0, to: 0 };
      await updateLatest(async (latest) => {
        if (latest === null || latest.previous === null) {
          throw new Failure('not-found', `There is no version of ${name} before the one in use to go back to.`);
        }
        // A swap that already happened: by us, its answer lost on the way, or by somebody with the same wish.
        if (latest.version === swap.to && latest.previous === swap.from) return null;
        // Going back was wished of the version that was seen first; a newer one may be just what is needed.
        if (swap.from !== 0 && latest.version !== swap.from) throw toOvertaken(swap.from, latest.version);
        swap = { from: latest.version, to: latest.previous };
        await check(swap.to);
        return { version: swap.to, previous: swap.from, newest: latest.newest };
      });
      return swap;
    },

    async resolve(alias) {
      const key = modelKeys.alias(name, alias);
      const blob = await blobs.find(container, key);
      return blob === null ? null : { version: parseStored(aliasSchema, key, blob.bytes).version, etag: blob.etag };
    },

    async readLatestIfChanged(etag) {
      const blob = await blobs.readIfChanged(container, latestKey, etag);
      if (blob === null || blob === 'unchanged') return blob;
      return { version: parseStored(latestSchema, latestKey, blob.bytes).version, etag: blob.etag };
    },
  };
}

function toTooManyRaces(key: string): Failure {
  return new Failure('write-conflict', `${key} was moved by others ${MAX_RACES} times while it was being moved.`);
}

function toOvertaken(from: number, to: number): Failure {
  const advice = 'Look at `barometer models`, and roll back again if that is still wanted.';
  return new Failure('write-conflict', `Version ${to} became the latest while version ${from} was being rolled back; it stays. ${advice}`);
}
