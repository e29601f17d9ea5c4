import type { StoredVenue } from '../adapters/blob-storage/venue-store.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Venue } from '../domain/venue.ts';
import { DEFAULT_MINIMUM_FACES } from '../domain/venue.ts';
import { follow } from './follow.ts';

/** Of the stored venues, what the API needs. */
export interface VenueSource {
  listEtags(): Promise<ReadonlyMap<string, string>>;
  find(id: string): Promise<StoredVenue | null>;
}

/** Knows what operators say of their venues, without waiting for storage. */
export interface VenueDirectory {
  /** Null where nothing is said of it; `unknown` as long as that could not be found out. */
  find(id: string): Venue | 'unknown' | null;
  /** All of which something is said, as far as that is known. */
  list(): Venue[];
  /** Looks now whether something else is said; never rejects. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Where nobody says anything of any venue. */
export const NO_VENUES: Pick<VenueDirectory, 'find'> = { find: () => null };

/** Of fewer faces at once nothing is said of a venue. What is not known yet is taken to ask for as many as any venue could. */
export function toMinimumFaces(venue: Venue | 'unknown' | null): number {
  if (venue === 'unknown') return Number.POSITIVE_INFINITY;
  return venue?.minimumFaces ?? DEFAULT_MINIMUM_FACES;
}

export interface VenueDirectoryOptions {
  readonly source: VenueSource;
  readonly pollMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Holds the documents of all venues in memory and follows the stored ones. When one can't be read, what is known of it stays: staff areas are
 * not forgotten by an outage.
 */
export function createVenueDirectory({ source, pollMs, logger }: VenueDirectoryOptions): VenueDirectory {
  const known = new Map<string, StoredVenue>();
  /** There are documents of these, and none could ever be read. */
  const unread = new Set<string>();
  let isListed = false;
  let isReadable = true;

  async function look(): Promise<void> {
    const faults: unknown[] = [];
    try {
      const etags = await source.listEtags();
      for (const id of known.keys()) if (!etags.has(id)) known.delete(id);
      for (const id of unread) if (!etags.has(id)) unread.delete(id);
      for (const id of etags.keys()) if (!known.has(id)) unread.add(id);
      isListed = true;
      const changed = [...etags].filter(([id, etag]) => known.get(id)?.etag !== etag);
      await Promise.all(changed.map(([id]) => read(id).catch((error: unknown) => faults.push(error))));
    } catch (error) {
      faults.push(error);
    }
    // Once, not at every look.
    if (faults.length > 0 && isReadable) logger.warn({ err: faults[0], known: known.size }, 'what is said of venues could not be read; what is known of them stays in force');
    if (faults.length === 0 && !isReadable) logger.info('what is said of venues can be read again');
    isReadable = faults.length === 0;
  }

  async function read(id: string): Promise<void> {
    const found = await source.find(id);
    unread.delete(id);
    if (found === null) known.delete(id);
    else known.set(id, found);
  }

  const following = follow(look, pollMs);

  return {
    find(id) {
      const venue = known.get(id)?.venue;
      if (venue !== undefined) return venue;
      return !isListed || unread.has(id) ? 'unknown' : null;
    },
    list: () => [...known.values()].map(({ venue }) => venue),
    refresh: following.refresh,
    close: following.close,
  };
}
