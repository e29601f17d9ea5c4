import type { z } from 'zod';
import type { Container } from '../../domain/names.ts';
import type { BlobStore } from './blob-store.ts';
import { parseStored } from './stored-json.ts';

/**
 * Files a document under a name that is written once and never again. When the name is taken, by an earlier attempt or by
 * another worker, the document that is there stands, and is returned instead: so that all who ask go on from the same.
 *
 * @throws Failure `data-corrupt` when what is there does not fit the schema
 */
export async function keepFirst<T extends z.ZodType>(
  blobs: BlobStore,
  container: Container,
  key: string,
  schema: T,
  document: z.output<T>,
): Promise<z.output<T>> {
  // Compact: these lists grow with the images.
  if (await blobs.create(container, key, JSON.stringify(document))) return document;
  return parseStored(schema, key, (await blobs.read(container, key)).bytes);
}
