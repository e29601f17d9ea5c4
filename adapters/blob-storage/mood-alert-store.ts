import { CONTAINERS, toMoodAlertId, venueKeys } from '../../domain/names.ts';
import type { Delivery, MoodAlertInput, MoodAlertRecord } from '../../domain/mood-alert.ts';
import { moodAlertRecordSchema } from '../../domain/mood-alert.ts';
import type { BlobStore } from './blob-store.ts';
import { keepFirst } from './keep-first.ts';
import { noneWithoutContainer } from './none-without-container.ts';
import { parseStored } from './stored-json.ts';

/** What became of the alerts of venues: a small document each in the `venues` container, written once. */
export interface MoodAlertStore {
  /** An earlier attempt's record stands. */
  record(alert: MoodAlertInput, delivery: Delivery): Promise<void>;
  /** Newest first. @throws Failure `data-corrupt` */
  list(venue: string, atMost: number): Promise<MoodAlertRecord[]>;
}

const container = CONTAINERS.venues;

export function createMoodAlertStore(blobs: BlobStore): MoodAlertStore {
  return {
    async record(alert, delivery) {
      const { venue, at, rule } = alert;
      const record = moodAlertRecordSchema.parse({ ...alert, ...delivery, id: toMoodAlertId(venue, rule.id, at) });
      await keepFirst(blobs, container, venueKeys.alert(venue, at, rule.id), moodAlertRecordSchema, record);
    },

    async list(venue, atMost) {
      const listed = Array.fromAsync(blobs.list(container, venueKeys.alertPrefix(venue)), ({ name }) => name);
      const newest = ((await listed.catch(noneWithoutContainer)) ?? []).toReversed().slice(0, atMost);
      return Promise.all(newest.map(async (name) => parseStored(moodAlertRecordSchema, name, (await blobs.read(container, name)).bytes)));
    },
  };
}
