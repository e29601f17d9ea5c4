import { BlobServiceClient } from '@azure/storage-blob';
import type { StorageConfig } from '../../config/storage.ts';
import type { Container } from '../../domain/names.ts';

/** Where a blob can be opened by those who may: its URL, without any key or signature of this process. */
export function createBlobLink(storage: StorageConfig): (container: Container, name: string) => string {
  const accountUrl = 'accountUrl' in storage ? storage.accountUrl : BlobServiceClient.fromConnectionString(storage.connectionString).url;
  const service = new BlobServiceClient(withoutSignature(accountUrl));
  return (container, name) => service.getContainerClient(container).getBlobClient(name).url;
}

function withoutSignature(url: string): string {
  return url.replace(/\?.*$/, '');
}
