import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { BlobServiceClient } from '@azure/storage-blob';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { useAzurite } from '../../support/azurite.ts';
import { describeBlobStoreContract } from './blob-store-contract.ts';

const PAGE_SIZE = 5;

describe('Azure blob store', () => {
  const azurite = useAzurite();
  let store: BlobStore;

  before(async () => {
    store = await azurite.newStore({ pageSize: PAGE_SIZE });
  });
  describeBlobStoreContract(() => store, PAGE_SIZE);

  it('tells browsers what a blob is', async () => {
    const account = azurite.newAccount();
    const labelled = createAzureBlobStore(account);
    await labelled.ensureContainers();
    await labelled.write('models', 'm/curves.svg', '<svg/>');
    await labelled.write('models', 'm/weights.bin', 'x');
    await labelled.write('models', 'm/odd.bin', 'x', { contentType: 'text/html' });
    const client = BlobServiceClient.fromConnectionString(account.connectionString).getContainerClient('models');
    const typeOf = async (name: string) => (await client.getBlobClient(name).getProperties()).contentType;
    assert.equal(await typeOf('m/curves.svg'), 'image/svg+xml');
    assert.equal(await typeOf('m/weights.bin'), 'application/octet-stream');
    assert.equal(await typeOf('m/odd.bin'), 'text/html');
  });

  it('says that a container is missing, also to those who only ask for a blob', async () => {
    const empty = createAzureBlobStore(azurite.newAccount());
    const isMissing = (error: unknown): boolean => isFailure(error, 'not-found') && /no container/.test(error.message);
    await assert.rejects(empty.find('runs', 'x'), isMissing);
    await assert.rejects(Array.fromAsync(empty.list('runs')), isMissing);
    await assert.rejects(empty.write('runs', 'x', 'x'), isMissing);
  });

  it('fails with access-denied when the key is wrong', async () => {
    const { connectionString } = azurite.newAccount();
    const wrong = connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${Buffer.from('wrong').toString('base64')}`);
    await assert.rejects(createAzureBlobStore({ connectionString: wrong }).find('runs', 'x'), (error) => isFailure(error, 'access-denied'));
  });

  it('fails with configuration-invalid when the connection string is none, without repeating it', () => {
    assert.throws(
      () => createAzureBlobStore({ connectionString: 'AccountName=x;s3cret' }),
      (error) => isFailure(error, 'configuration-invalid') && !error.message.includes('s3cret'),
    );
  });

  describe('with an account that misbehaves', () => {
    for (const [status, kind] of [
      [500, 'dependency-unavailable'],
      [503, 'dependency-unavailable'],
      [429, 'dependency-unavailable'],
      [401, 'access-denied'],
      [403, 'access-denied'],
      [400, 'configuration-invalid'],
      [409, 'write-conflict'],
      [412, 'write-conflict'],
    ] as const satisfies readonly (readonly [number, FailureKind])[]) {
      it(`calls an answer of ${status} ${kind}`, async () => {
        const account = await startFakeAccount((response) => {
          response.writeHead(status).end();
        });
        try {
          await assert.rejects(account.store.write('runs', 'x', 'x'), (error) => isFailure(error, kind));
        } finally {
          account.stop();
        }
      });
    }

    it('calls a refused connection dependency-unavailable', async () => {
      const account = await startFakeAccount(() => undefined);
      account.stop();
      await assert.rejects(account.store.write('runs', 'x', 'x'), (error) => isFailure(error, 'dependency-unavailable'));
    });

    it('gives up on an account that never answers', async () => {
      const account = await startFakeAccount(() => undefined, { timeoutMs: 50 });
      try {
        const isUnavailable = (error: unknown): boolean => isFailure(error, 'dependency-unavailable');
        await assert.rejects(account.store.read('runs', 'x'), isUnavailable);
        await assert.rejects(Array.fromAsync(account.store.list('runs')), isUnavailable);
      } finally {
        account.stop();
      }
    });

    it('gives up on an answer that falls silent half way', async () => {
      const account = await startFakeAccount(
        (response) => {
          response.writeHead(200, { 'content-length': '10', etag: '"0x1"' }).write('half');
        },
        { timeoutMs: 50 },
      );
      try {
        await assert.rejects(account.store.read('runs', 'x'), (error) => isFailure(error, 'dependency-unavailable'));
      } finally {
        account.stop();
      }
    });
  });
});

type Answer = (response: ServerResponse) => void;

async function startFakeAccount(answer: Answer, options: { timeoutMs?: number } = {}) {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:${port}/a`;
  return {
    store: createAzureBlobStore({ connectionString }, { maxTries: 2, ...options }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
