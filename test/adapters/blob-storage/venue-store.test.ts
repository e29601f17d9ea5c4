import assert from 'node:assert/strict';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { createVenueStore } from '../../../adapters/blob-storage/venue-store.ts';
import { isFailure } from '../../../domain/failure.ts';
import { CONTAINERS, venueKeys } from '../../../domain/names.ts';
import { venueSchema } from '../../../domain/venue.ts';
import { useAzurite } from '../../support/azurite.ts';

const toVenue = (id: string, name = 'The Sun') => venueSchema.parse({ id, name, operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' } });
const isConflict = (error: unknown) => isFailure(error, 'write-conflict');
const isNotFound = (error: unknown) => isFailure(error, 'not-found');

describe('the documents of venues in the storage account', () => {
  const azurite = useAzurite();

  it('are none in an account that nobody has used, and can be made there', async () => {
    const store = createVenueStore(createAzureBlobStore(azurite.newAccount()));
    assert.equal(await store.find('the-sun'), null);
    assert.deepEqual(await store.listIds(), []);
    await assert.rejects(store.remove('the-sun'), isNotFound);
    const etag = await store.save(toVenue('the-sun'), null);
    assert.deepEqual(await store.find('the-sun'), { venue: toVenue('the-sun'), etag });
  });

  it('are only written over what their writer has seen', async () => {
    const store = createVenueStore(await azurite.newStore());
    const first = await store.save(toVenue('the-sun'), null);
    const second = await store.save(toVenue('the-sun', 'Sun'), first);
    await assert.rejects(store.save(toVenue('the-sun', 'Moon'), first), isConflict);
    await assert.rejects(store.save(toVenue('the-sun', 'Moon'), null), isConflict);
    assert.deepEqual(await store.find('the-sun'), { venue: toVenue('the-sun', 'Sun'), etag: second });
  });

  it('are made by one of several who make them at the same time', async () => {
    const blobs = await azurite.newStore();
    const made = await Promise.allSettled(['A', 'B', 'C', 'D'].map((name) => createVenueStore(blobs).save(toVenue('the-sun', name), null)));
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const each of made) if (each.status === 'rejected') assert.ok(isConflict(each.reason));
  });

  it('show by their ETags which have changed', async () => {
    const store = createVenueStore(await azurite.newStore());
    const first = await store.save(toVenue('the-sun'), null);
    const moon = await store.save(toVenue('the-moon'), null);
    assert.deepEqual([...(await store.listEtags())], [['the-moon', moon], ['the-sun', first]]);
    const second = await store.save(toVenue('the-sun', 'Sun'), first);
    assert.deepEqual([...(await store.listEtags())], [['the-moon', moon], ['the-sun', second]]);
    await store.remove('the-sun');
    assert.deepEqual([...(await store.listEtags())], [['the-moon', moon]]);
    await assert.rejects(store.save(toVenue('the-sun'), second), isConflict);
  });

  it('are listed by name, dots and dashes and all', async () => {
    const store = createVenueStore(await azurite.newStore());
    for (const id of ['the-sun', 'bar.2', 'the-sun.json']) await store.save(toVenue(id), null);
    assert.deepEqual(await store.listIds(), ['bar.2', 'the-sun', 'the-sun.json']);
  });

  it('that were changed by hand into something else are said to be corrupt', async () => {
    const blobs = await azurite.newStore();
    await blobs.write(CONTAINERS.venues, venueKeys.document('the-sun'), '{"id":"the-sun"}');
    await assert.rejects(createVenueStore(blobs).find('the-sun'), (error) => isFailure(error, 'data-corrupt'));
  });
});
