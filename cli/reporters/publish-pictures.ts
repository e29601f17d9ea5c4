import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createSignedLink, isPublic } from '../../adapters/blob-storage/signed-link.ts';
import type { StorageConfig } from '../../config/storage.ts';
import { CONTAINERS, runKeys } from '../../domain/names.ts';
import type { PictureAddresses } from '../report/reported-run.ts';
import type { Picture } from './draw-pictures.ts';

/**
 * Makes pictures visible for those who look at the report on GitHub, which shows pictures by their address alone: they are put
 * beside the run, and links are signed that open these two files, and only for reading, for seven days. No addresses
 * where GitHub can't reach the account, or where there is nothing to sign with.
 *
 * @throws Failure as the blob store and {@link createSignedLink} do
 */
export async function publishPictures(pictures: readonly Picture[], runName: string, storage: StorageConfig, blobs: Pick<BlobStore, 'write'>): Promise<PictureAddresses> {
  const addresses: { curves: string | null; confusion: string | null } = { curves: null, confusion: null };
  const sign = isPublic(storage) ? createSignedLink(storage) : null;
  if (sign === null) return addresses;
  for (const { name, png } of pictures) {
    const key = runKeys.reportPicture(runName, `${name}.png`);
    await blobs.write(CONTAINERS.runs, key, png);
    addresses[name] = await sign(CONTAINERS.runs, key);
  }
  return addresses;
}
