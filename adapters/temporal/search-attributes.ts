import type { SearchAttributeType } from '@temporalio/common';
import type { TemporalAccess } from '../../config/temporal.ts';
import { isRefusal } from './connection-failure.ts';
import type { TemporalConnection } from './connection.ts';

export interface SearchAttribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

/** Numbers of `temporal.api.enums.v1.IndexedValueType` (temporalio/api, common.proto). */
const INDEXED_VALUE_TYPES: Readonly<Record<SearchAttributeType, number>> = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
};

/**
 * Makes sure that the namespace knows these search attributes. Asking again is harmless. Servers that keep this to their
 * administrators (Temporal Cloud) are left alone: docs/operations.md says how to add them there.
 *
 * @returns whether the server let us look
 */
export async function ensureSearchAttributes(
  { connection }: Pick<TemporalConnection, 'connection'>,
  namespace: TemporalAccess['namespace'],
  attributes: readonly SearchAttribute[],
): Promise<boolean> {
  try {
    await addMissing(connection, namespace, attributes);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

async function addMissing(connection: TemporalConnection['connection'], namespace: string, attributes: readonly SearchAttribute[]): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = attributes.filter(({ name }) => !Object.hasOwn(customAttributes, name));
  if (missing.length === 0) return;
  const types = Object.fromEntries(missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: types });
}
