import assert from 'node:assert/strict';
import { createBlobLink } from '../../../adapters/blob-storage/blob-link.ts';
import { toAzuriteConnectionString } from '../../../config/storage.ts';

describe('the link to a blob', () => {
  it('is its URL in the account', () => {
    const expected = 'https://venues.blob.core.windows.net/runs/a-run/training/train.log';
    const toLink = (storage: Parameters<typeof createBlobLink>[0]) => decodeURIComponent(createBlobLink(storage)('runs', 'a-run/training/train.log'));
    assert.equal(toLink({ accountUrl: 'https://venues.blob.core.windows.net' }), expected);
    assert.equal(toLink({ connectionString: `DefaultEndpointsProtocol=https;AccountName=venues;AccountKey=${btoa('secret')};EndpointSuffix=core.windows.net` }), expected);
    assert.equal(toLink({ connectionString: toAzuriteConnectionString(10_000) }), 'http://127.0.0.1:10000/devstoreaccount1/runs/a-run/training/train.log');
  });

  it('holds no signature', () => {
    const shared = 'BlobEndpoint=https://venues.blob.core.windows.net;SharedAccessSignature=sv=2024-01-01&sig=secret';
    for (const storage of [{ connectionString: shared }, { accountUrl: 'https://venues.blob.core.windows.net?sv=2024-01-01&sig=secret' }]) {
      assert.equal(decodeURIComponent(createBlobLink(storage)('models', 'a/b.json')), 'https://venues.blob.core.windows.net/models/a/b.json');
    }
  });
});
