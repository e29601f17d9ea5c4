import type { z } from 'zod';
import { Failure } from '../../domain/failure.ts';

/**
 * Reads a stored JSON document.
 *
 * @throws Failure `data-corrupt` naming the blob when it does not fit the schema
 */
export function parseStored<T extends z.ZodType>(schema: T, key: string, bytes: Uint8Array): z.output<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new Failure('data-corrupt', `${key} does not hold what it should; was it changed by hand?`, { cause: error });
  }
}

/** JSON that a person can read in a storage browser. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
