import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobDownloadResponseParsed, BlockBlobClient, ContainerListBlobFlatSegmentResponse, ModifiedAccessConditions, StoragePipelineOptions } from '@azure/storage-blob';
import { BlobServiceClient } from '@azure/storage-blob';
import type { StorageConfig } from '../../config/storage.ts';
import { Failure } from '../../domain/failure.ts';
import type { Container } from '../../domain/names.ts';
import { CONTAINERS } from '../../domain/names.ts';
import { toAzureError, toFailure } from './azure-failure.ts';
import { createAzureIdentity } from './azure-identity.ts';
import type { BlobInfo, BlobStore, StoredBlob, WriteOptions } from './blob-store.ts';
import { toContentType } from './content-type.ts';

export interface AzureBlobStoreOptions {
  /** Limit of one request, its retries included. */
  readonly timeoutMs?: number;
  /** Blobs per listing request; the service allows 5000 at most. */
  readonly pageSize?: number;
  /** How often a request is sent at most. */
  readonly maxTries?: number;
}

/** Three more tries within a few seconds bridge a hiccup; longer outages are for whoever called, who can also heartbeat. */
const RETRIES = { maxTries: 4, retryDelayInMs: 400, maxRetryDelayInMs: 4_000 } as const;

/**
 * A {@link BlobStore} in an Azure storage account, or in Azurite.
 *
 * @throws Failure `configuration-invalid` when the connection string is none
 */
export function createAzureBlobStore(
  storage: StorageConfig,
  { timeoutMs = 120_000, pageSize = 5_000, maxTries = RETRIES.maxTries }: AzureBlobStoreOptions = {},
): BlobStore {
  const service = toServiceClient(storage, { retryOptions: { ...RETRIES, maxTries } });

  function blob(container: Container, name: string): BlockBlobClient {
    return service.getContainerClient(container).getBlockBlobClient(name);
  }

  async function attempt<T>(what: string, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.timeout(timeoutMs));
    } catch (error) {
      throw toFailure(error, what);
    }
  }

  /** The blob; null when there is none, `unchanged` when the conditions keep the service from sending it. */
  function download(container: Container, name: string, conditions: ModifiedAccessConditions = {}): Promise<StoredBlob | 'unchanged' | null> {
    return attempt(`${container}/${name}`, async (abortSignal) => {
      try {
        const answer = await blob(container, name).download(undefined, undefined, { abortSignal, conditions });
        return { bytes: await buffer(toBody(answer)), etag: answer.etag ?? '' };
      } catch (error) {
        const { status, code } = toAzureError(error);
        if (status === 304) return 'unchanged';
        if (status === 404 && code !== 'ContainerNotFound') return null;
        throw error;
      }
    });
  }

  async function find(container: Container, name: string): Promise<StoredBlob | null> {
    const found = await download(container, name);
    return found === 'unchanged' ? null : found;
  }

  async function upload(
    container: Container,
    name: string,
    content: Uint8Array | string,
    { contentType = toContentType(name) }: WriteOptions,
    conditions: ModifiedAccessConditions = {},
  ): Promise<string> {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    const blobHTTPHeaders = { blobContentType: contentType, blobContentMD5: createHash('md5').update(bytes).digest() };
    return attempt(`${container}/${name}`, async (abortSignal) => {
      const answer = await blob(container, name).upload(bytes, bytes.byteLength, { abortSignal, conditions, blobHTTPHeaders });
      return answer.etag ?? '';
    });
  }

  return {
    async ensureContainers() {
      for (const container of Object.values(CONTAINERS)) {
        await attempt(container, (abortSignal) => service.getContainerClient(container).createIfNotExists({ abortSignal }));
      }
    },

    async read(container, name) {
      const found = await find(container, name);
      if (found === null) throw toFailure({ statusCode: 404 }, `${container}/${name}`);
      return found;
    },

    find,

    readIfChanged: (container, name, etag) => download(container, name, { ifNoneMatch: etag }),

    write: (container, name, content, options = {}) => upload(container, name, content, options),

    async create(container, name, content, options = {}) {
      try {
        await upload(container, name, content, options, { ifNoneMatch: '*' });
        return true;
      } catch (error) {
        if (toAzureError((error as Error).cause).code === 'BlobAlreadyExists') return false;
        throw error;
      }
    },

    replace: (container, name, etag, content, options = {}) => upload(container, name, content, options, { ifMatch: etag }),

    exists: (container, name) => attempt(`${container}/${name}`, (abortSignal) => blob(container, name).exists({ abortSignal })),

    async *list(container, prefix = ''): AsyncGenerator<BlobInfo> {
      let continuationToken: string | undefined;
      do {
        const page = await attempt(container, async (abortSignal) => {
          const pages = service.getContainerClient(container).listBlobsFlat({ prefix, abortSignal });
          const settings = { maxPageSize: pageSize, ...(continuationToken === undefined ? {} : { continuationToken }) };
          return (await pages.byPage(settings).next()).value as ContainerListBlobFlatSegmentResponse | undefined;
        });
        for (const { name, properties } of page?.segment.blobItems ?? []) {
          yield {
            name,
            etag: toQuoted(properties.etag),
            bytes: properties.contentLength ?? 0,
            lastModified: properties.lastModified,
            md5: properties.contentMD5 === undefined ? null : Buffer.from(properties.contentMD5).toString('hex'),
          };
        }
        continuationToken = page?.continuationToken || undefined;
      } while (continuationToken !== undefined);
    },

    async remove(container, name) {
      await attempt(`${container}/${name}`, (abortSignal) => blob(container, name).deleteIfExists({ abortSignal }));
    },
  };
}

function toServiceClient(storage: StorageConfig, options: StoragePipelineOptions): BlobServiceClient {
  if ('accountUrl' in storage) return new BlobServiceClient(storage.accountUrl, createAzureIdentity(), options);
  try {
    return BlobServiceClient.fromConnectionString(storage.connectionString, options);
  } catch (error) {
    const advice = 'Copy it whole from "Access keys" of the storage account.';
    throw new Failure('configuration-invalid', `BAROMETER_STORAGE_CONNECTION_STRING is no connection string. ${advice}`, { cause: error });
  }
}

function toBody({ readableStreamBody }: BlobDownloadResponseParsed): NodeJS.ReadableStream {
  return readableStreamBody ?? Readable.from([]);
}

/** Listings give ETags bare, all other answers give them in quotes; here they are always quoted, so that they compare. */
function toQuoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}
