import assert from 'node:assert/strict';
import { ensureSearchAttributes } from '../../../adapters/temporal/search-attributes.ts';
import type { SearchAttribute } from '../../../adapters/temporal/search-attributes.ts';
import { useTemporal } from '../../support/temporal.ts';

const AGAIN: readonly SearchAttribute[] = [{ name: 'AgainKeyword', type: 'KEYWORD' }];

describe('search attributes', () => {
  const temporal = useTemporal();
  const namespace = 'default';

  async function list(): Promise<Record<string, unknown>> {
    const { customAttributes } = await temporal.env.connection.operatorService.listSearchAttributes({ namespace });
    return customAttributes;
  }

  it('are there with their types once they have been asked for', async () => {
    await ensureSearchAttributes(temporal.env, namespace, [
      { name: 'FirstKeyword', type: 'KEYWORD' },
      { name: 'FirstInt', type: 'INT' },
      { name: 'FirstDouble', type: 'DOUBLE' },
    ]);
    const found = await list();
    // Numbers of temporal.api.enums.v1.IndexedValueType.
    assert.deepEqual([found['FirstKeyword'], found['FirstInt'], found['FirstDouble']], [2, 3, 4]);
  });

  it('may be asked for again, and beside new ones', async () => {
    await ensureSearchAttributes(temporal.env, namespace, AGAIN);
    const before = await list();
    await ensureSearchAttributes(temporal.env, namespace, AGAIN);
    assert.deepEqual(await list(), before);
    await ensureSearchAttributes(temporal.env, namespace, [...AGAIN, { name: 'AgainBool', type: 'BOOL' }]);
    assert.equal((await list())['AgainBool'], 5);
  });

  it('may be asked for by several workers that start together', async () => {
    const attributes: SearchAttribute[] = [{ name: 'TogetherText', type: 'TEXT' }, { name: 'TogetherKeyword', type: 'KEYWORD' }];
    await Promise.all(Array.from({ length: 4 }, () => ensureSearchAttributes(temporal.env, namespace, attributes)));
    assert.equal((await list())['TogetherText'], 1);
  });
});
