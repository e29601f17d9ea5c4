import { isIP } from 'node:net';
import type { TokenCredential } from '@azure/identity';
import { BlobSASPermissions, BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { StorageConfig } from '../../config/storage.ts';
import type { Container } from '../../domain/names.ts';
import { toFailure } from './azure-failure.ts';
import { createAzureIdentity } from './azure-identity.ts';

const DAY_MS = 24 * 60 * 60_000;
/** The longest that a user delegation key may live, and so for all. */
const LIFE_MS = 7 * DAY_MS;
/** Clocks differ, and a link that is not valid yet is not valid. */
const CLOCK_SKEW_MS = 5 * 60_000;
const TIMEOUT_MS = 15_000;

/** A link by which anybody may read this one blob for seven days. */
export type SignLink = (container: Container, name: string) => Promise<string>;

/**
 * Signs by the account's key, or by a user delegation key where the process comes with an identity of Entra ID (which needs
 * "Storage Blob Delegator", or a role that has it, beside the right to read). Null where there is nothing to sign with: a
 * connection string that holds a signature itself.
 *
 * The function throws Failure `access-denied` when the identity may not delegate, and others as the blob store does.
 */
export function createSignedLink(storage: StorageConfig, credential?: TokenCredential): SignLink | null {
  if ('connectionString' in storage) {
    const service = BlobServiceClient.fromConnectionString(storage.connectionString);
    if (!(service.credential instanceof StorageSharedKeyCredential)) return null;
    return (container, name) => service.getContainerClient(container).getBlobClient(name).generateSasUrl(toTerms());
  }
  const service = new BlobServiceClient(storage.accountUrl, credential ?? createAzureIdentity());
  return async (container, name) => {
    try {
      const terms = toTerms();
      const key = await service.getUserDelegationKey(terms.startsOn, terms.expiresOn, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
      return await service.getContainerClient(container).getBlobClient(name).generateUserDelegationSasUrl(terms, key);
    } catch (error) {
      throw toFailure(error, `a signed link to ${container}/${name}`);
    }
  };
}

function toTerms(): { startsOn: Date; expiresOn: Date; permissions: BlobSASPermissions } {
  const startsAt = Date.now() - CLOCK_SKEW_MS;
  return { startsOn: new Date(startsAt), expiresOn: new Date(startsAt + LIFE_MS), permissions: BlobSASPermissions.parse('r') };
}

/** Whether others on the internet can be expected to reach the account: by https, under a name that is not of a private network. */
export function isPublic(storage: StorageConfig): boolean {
  const { protocol, hostname } = new URL('accountUrl' in storage ? storage.accountUrl : BlobServiceClient.fromConnectionString(storage.connectionString).url);
  return protocol === 'https:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && hostname.includes('.') && !/\.(local|localhost|internal|lan|test)$/.test(hostname);
}
