import { Failure, isFailure } from '../../domain/failure.ts';
import { CONTAINERS, venueKeys } from '../../domain/names.ts';
import type { Venue } from '../../domain/venue.ts';
import { venueSchema } from '../../domain/venue.ts';
import type { BlobStore, StoredBlob } from './blob-store.ts';
import { noneWithoutContainer } from './none-without-container.ts';
import { parseStored, toJson } from './stored-json.ts';

export interface StoredVenue {
  readonly venue: Venue;
  readonly etag: string;
}

/** What operators say of their venues: one document each in the `venues` container. */
export interface VenueStore {
  /** Null when nobody has said anything of it. @throws Failure `data-corrupt` */
  find(id: string): Promise<StoredVenue | null>;
  /** The ids of all that have a document, in their order. */
  listIds(): Promise<string[]>;
  /** The ETag of each document, by id: says in one request which have changed. */
  listEtags(): Promise<ReadonlyMap<string, string>>;
  /**
   * Writes over the document with this ETag, or where there is none (null). Returns the new ETag.
   *
   * @throws Failure `write-conflict` when another write came first
   */
  save(venue: Venue, over: string | null): Promise<string>;
  /** @throws Failure `not-found` when there is none */
  remove(id: string): Promise<void>;
}

const container = CONTAINERS.venues;

export function createVenueStore(blobs: BlobStore): VenueStore {
  async function create(key: string, content: string): Promise<string> {
    const isCreated = await blobs.create(container, key, content).catch(async (error: unknown) => {
      if (!isFailure(error, 'not-found')) throw error;
      // A venue can be described before any worker has ever started.
      await blobs.ensureContainers();
      return blobs.create(container, key, content);
    });
    const { bytes, etag } = await blobs.read(container, key);
    // Taken by this very write, when its answer got lost on the way.
    if (isCreated || Buffer.from(bytes).toString('utf8') === content) return etag;
    throw new Failure('write-conflict', `${key} was written by somebody else at the same time. Look at it, and try again.`);
  }

  async function listEtags(): Promise<ReadonlyMap<string, string>> {
    const listed = Array.fromAsync(blobs.list(container, venueKeys.documentPrefix), ({ name, etag }) => [venueKeys.toVenueId(name), etag] as const);
    return new Map(await listed.catch(noneWithoutContainer));
  }

  return {
    async find(id) {
      const key = venueKeys.document(id);
      const blob = await blobs.find(container, key).catch(noneWithoutContainer);
      return blob === null ? null : toStoredVenue(key, blob);
    },

    listIds: async () => [...(await listEtags()).keys()],

    listEtags,

    async save(venue, over) {
      const key = venueKeys.document(venue.id);
      return over === null ? create(key, toJson(venue)) : blobs.replace(container, key, over, toJson(venue));
    },

    async remove(id) {
      const key = venueKeys.document(id);
      const isThere = (await blobs.find(container, key).catch(noneWithoutContainer)) !== null;
      if (!isThere) throw new Failure('not-found', `Nothing is said of a venue ${id}. \`barometer venues list\` shows those that there are.`);
      await blobs.remove(container, key);
    },
  };
}

function toStoredVenue(key: string, { bytes, etag }: StoredBlob): StoredVenue {
  return { venue: parseStored(venueSchema, key, bytes), etag };
}
