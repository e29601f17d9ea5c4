import type { z } from 'zod';
import type { Container } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { parseStored } from './stored-json.ts';

/**
 * Reads a stored JSON document; null when there is none.
 *
 * @throws Failure `data-corrupt` when what is there does not fit the schema
 */
export async function findStored<T extends z.ZodType>(blobs: BlobStore, container: Container, key: string, schema: T): Promise<z.output<T> | null> {
  const blob = await blobs.find(container, key);
  return blob === null ? null : parseStored(schema, key, blob.bytes);
}
