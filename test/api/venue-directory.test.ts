import assert from 'node:assert/strict';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import type { VenueStore } from '../../adapters/blob-storage/venue-store.ts';
import { createVenueStore } from '../../adapters/blob-storage/venue-store.ts';
import type { VenueDirectory, VenueSource } from '../../api/venue-directory.ts';
import { createVenueDirectory, toMinimumFaces } from '../../api/venue-directory.ts';
import { Failure } from '../../domain/failure.ts';
import { CONTAINERS, venueKeys } from '../../domain/names.ts';
import { venueSchema } from '../../domain/venue.ts';
import { createTestLogger } from '../support/api.ts';
import { useAzurite } from '../support/azurite.ts';

const SUN = venueSchema.parse({ id: 'the-sun', name: 'The Sun', operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' }, minimumFaces: 7 });

describe('the directory of venues', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;
  let store: VenueStore;
  let directory: VenueDirectory | undefined;

  beforeEach(async () => {
    blobs = await azurite.newStore();
    store = createVenueStore(blobs);
  });

  afterEach(() => directory?.close());

  function open(source: VenueSource = store) {
    const { logger, lines } = createTestLogger();
    const opened = createVenueDirectory({ source, pollMs: 3_600_000, logger });
    directory = opened;
    return Object.assign(opened, { lines });
  }

  it('knows nothing at first, and then what is said of each venue, and what becomes of it', async () => {
    const etag = await store.save(SUN, null);
    const { find, refresh } = open();
    assert.equal(find('the-sun'), 'unknown');
    assert.equal(find('the-moon'), 'unknown');
    await refresh();
    assert.deepEqual(find('the-sun'), SUN);
    assert.equal(find('the-moon'), null);
    await store.save({ ...SUN, name: 'The Old Sun' }, etag);
    await store.save({ ...SUN, id: 'the-moon' }, null);
    await refresh();
    assert.deepEqual([find('the-sun'), find('the-moon')].map((venue) => venue !== null && venue !== 'unknown' && venue.name), ['The Old Sun', 'The Sun']);
    await store.remove('the-sun');
    await refresh();
    assert.equal(find('the-sun'), null);
  });

  it('reads only what has changed', async () => {
    await store.save(SUN, null);
    const moon = await store.save({ ...SUN, id: 'the-moon' }, null);
    const read: string[] = [];
    const { refresh } = open({
      ...store,
      find(id) {
        read.push(id);
        return store.find(id);
      },
    });
    await refresh();
    await store.save({ ...SUN, id: 'the-moon', name: 'The Moon' }, moon);
    await refresh();
    await refresh();
    assert.deepEqual(read, ['the-moon', 'the-sun', 'the-moon']);
  });

  it('keeps what it knows when it can\'t be read any more, and says so once', async () => {
    await store.save(SUN, null);
    let isAway = false;
    const { find, refresh, lines } = open({ ...store, listEtags: () => (isAway ? Promise.reject(new Failure('dependency-unavailable', 'away')) : store.listEtags()) });
    await refresh();
    isAway = true;
    await refresh();
    await refresh();
    assert.deepEqual(find('the-sun'), SUN);
    isAway = false;
    await refresh();
    assert.deepEqual(lines.map(({ level }) => level), ['warn', 'info']);
  });

  it('does not take a document that can\'t be read for none', async () => {
    await blobs.write(CONTAINERS.venues, venueKeys.document('the-sun'), '{"id": "the-sun"}');
    await store.save({ ...SUN, id: 'the-moon' }, null);
    const { find, refresh } = open();
    await refresh();
    assert.equal(find('the-sun'), 'unknown');
    assert.notEqual(find('the-moon'), 'unknown');
  });

  it('asks for as many faces as is said, for five where nothing is, and for more than there are where that is not known', () => {
    assert.deepEqual([SUN, null, 'unknown' as const].map(toMinimumFaces), [7, 5, Number.POSITIVE_INFINITY]);
  });
});
