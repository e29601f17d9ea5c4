import assert from 'node:assert/strict';
import { createApiKeyStore } from '../../../adapters/blob-storage/api-key-store.ts';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { readApiKeyId } from '../../../domain/api-key.ts';
import { isFailure } from '../../../domain/failure.ts';
import { accessKeys, CONTAINERS } from '../../../domain/names.ts';
import { useAzurite } from '../../support/azurite.ts';

const WANTED = { venue: 'the-sun', name: 'camera server', expiresAt: null };

describe('the keys of the API in the storage account', () => {
  const azurite = useAzurite();

  it('are none in an account that nobody has used, and can be made there', async () => {
    const store = createApiKeyStore(createAzureBlobStore(azurite.newAccount()));
    assert.equal(await store.find(), null);
    assert.equal(await store.findIfChanged('"1"'), null);
    assert.deepEqual([...(await store.listUses())], []);
    const { key, record } = await store.create(WANTED);
    assert.equal(readApiKeyId(key), record.id);
    assert.deepEqual((await store.find())?.keys, [record]);
  });

  it('are not kept themselves, nor any part of their secrets', async () => {
    const blobs = await azurite.newStore();
    const { key } = await createApiKeyStore(blobs).create(WANTED);
    const text = Buffer.from((await blobs.read(CONTAINERS.access, accessKeys.keys)).bytes).toString();
    const secret = key.split('_').slice(2).join('_');
    for (let at = 0; at + 8 <= secret.length; at += 1) assert.ok(!text.includes(secret.slice(at, at + 8)));
  });

  it('are all there when many are made and revoked at the same time', async () => {
    const blobs = await azurite.newStore();
    const stores = Array.from({ length: 6 }, () => createApiKeyStore(blobs));
    const made = await Promise.all(stores.map((store) => store.create(WANTED)));
    await Promise.all(made.slice(0, 3).map(({ record }, index) => stores[index]!.revoke(record.id)));
    const { keys } = (await stores[0]!.find())!;
    assert.deepEqual(keys.map(({ id }) => id).sort(), made.map(({ record }) => record.id).sort());
    const revoked = keys.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id);
    assert.deepEqual(revoked.sort(), made.slice(0, 3).map(({ record }) => record.id).sort());
  });

  it('are revoked once: the time of it stays', async () => {
    const store = createApiKeyStore(await azurite.newStore());
    const { record } = await store.create(WANTED);
    const first = await store.revoke(record.id);
    assert.ok(first.revokedAt !== null);
    assert.deepEqual(await store.revoke(record.id), first);
    await assert.rejects(store.revoke('000000000000'), (error) => isFailure(error, 'not-found'));
  });

  it('are only sent again when they have changed', async () => {
    const store = createApiKeyStore(await azurite.newStore());
    await store.create(WANTED);
    const { etag } = (await store.find())!;
    assert.equal(await store.findIfChanged(etag), 'unchanged');
    await store.create(WANTED);
    const changed = await store.findIfChanged(etag);
    assert.ok(changed !== null && changed !== 'unchanged');
    assert.equal(changed.keys.length, 2);
  });

  it('say when they were last used', async () => {
    const store = createApiKeyStore(await azurite.newStore());
    const at = new Date('2026-11-25T12:00:00Z');
    await store.noteUse('0123456789ab', new Date(0));
    await store.noteUse('0123456789ab', at);
    assert.deepEqual([...(await store.listUses())], [['0123456789ab', at]]);
  });

  it('that were changed by hand into something else are said to be corrupt', async () => {
    const blobs = await azurite.newStore();
    await blobs.write(CONTAINERS.access, accessKeys.keys, '{"keys":[{"id":"x"}]}');
    await assert.rejects(createApiKeyStore(blobs).find(), (error) => isFailure(error, 'data-corrupt'));
  });
});
