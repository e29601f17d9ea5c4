import assert from 'node:assert/strict';
import { createAzureBlobStore } from '../../../adapters/blob-storage/azure-blob-store.ts';
import { createMoodAlertStore } from '../../../adapters/blob-storage/mood-alert-store.ts';
import type { Delivery } from '../../../domain/mood-alert.ts';
import { useAzurite } from '../../support/azurite.ts';
import { FIGHT, toMoodAlertInput } from '../../support/mood-alerts.ts';

const DELIVERED: Delivery = { status: 'delivered', tries: 3, reason: null, endedAt: '2026-11-24T22:10:07.000Z' };
const REFUSED: Delivery = { status: 'undelivered', tries: 1, reason: 'It is not taken.', endedAt: '2026-11-24T22:10:02.000Z' };
const toAlert = (minute: number, venue = 'the-sun') => toMoodAlertInput({ venue, at: new Date(Date.UTC(2026, 10, 24, 22, minute)).toISOString() });

describe('the record of alerts in the storage account', () => {
  const azurite = useAzurite();

  it('is empty in an account that nobody has used', async () => {
    assert.deepEqual(await createMoodAlertStore(createAzureBlobStore(azurite.newAccount())).list('the-sun', 10), []);
  });

  it('lists a venue\'s own, newest first, as many as are asked for', async () => {
    const store = createMoodAlertStore(await azurite.newStore());
    for (const minute of [9, 10, 30]) await store.record(toAlert(minute), DELIVERED);
    await store.record(toAlert(40, 'the-sun.2'), REFUSED);
    assert.deepEqual((await store.list('the-sun', 2)).map(({ at }) => at), [toAlert(30).at, toAlert(10).at]);
    assert.deepEqual(await store.list('the-sun.2', 2), [{ ...toAlert(40, 'the-sun.2'), ...REFUSED, id: 'the-sun.2:fight:2026-11-24T22:40:00.000Z' }]);
  });

  it('keeps what was said first, and rules of one time apart', async () => {
    const store = createMoodAlertStore(await azurite.newStore());
    await store.record(toAlert(10), DELIVERED);
    await store.record(toAlert(10), REFUSED);
    await store.record({ ...toAlert(10), rule: { ...FIGHT, id: 'gloom' } }, REFUSED);
    assert.deepEqual((await store.list('the-sun', 10)).map(({ rule, status }) => [rule.id, status]).sort(), [['fight', 'delivered'], ['gloom', 'undelivered']]);
  });
});
