import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createSignedLink, isPublic } from '../../../adapters/blob-storage/signed-link.ts';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { useAzurite } from '../../support/azurite.ts';

describe('a signed link', () => {
  const azurite = useAzurite();

  it('opens one blob for anybody, for reading alone, for seven days', async () => {
    const account = azurite.newAccount();
    const blobs = createAzureBlobStore(account);
    await blobs.ensureContainers();
    await blobs.write('runs', 'a/report/curves.png', 'a picture');
    await blobs.write('runs', 'a/secret.txt', 'no');
    const link = await createSignedLink(account)!('runs', 'a/report/curves.png');

    const answer = await fetch(link);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'image/png');
    assert.equal(await answer.text(), 'a picture');
    assert.equal((await fetch(link.replace(/\?.*/, ''))).status, 403);
    assert.equal((await fetch(link.replace('report/curves.png', 'secret.txt'))).status, 403);
    assert.equal((await fetch(link, { method: 'PUT', body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } })).status, 403);

    const { searchParams } = new URL(link);
    assert.equal(searchParams.get('sp'), 'r');
    const days = (Date.parse(searchParams.get('se')!) - Date.now()) / 86_400_000;
    assert.ok(days > 6.9 && days <= 7, `${days} days`);
  });

  it('can\'t be made by a connection string that is signed itself', () => {
    assert.equal(createSignedLink({ connectionString: 'BlobEndpoint=https://acme.blob.core.windows.net/;SharedAccessSignature=sv=2024&sig=x' }), null);
  });

  it('is for accounts on the internet', () => {
    const key = 'a2V5';
    const of = (endpoint: string) => isPublic({ connectionString: `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${key};BlobEndpoint=${endpoint}` });
    assert.equal(isPublic({ accountUrl: 'https://acme.blob.core.windows.net' }), true);
    assert.equal(of('https://acme.blob.core.windows.net'), true);
    for (const inside of ['http://acme.blob.core.windows.net', 'https://127.0.0.1:10000/a', 'https://[::1]/a', 'https://azurite:10000/a', 'https://store.internal/a', 'https://localhost/a']) assert.equal(of(inside), false, inside);
  });
});
