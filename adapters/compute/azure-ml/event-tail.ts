import type { DiaryEntry, TrainingEvent } from '../../../domain/training.ts';

/** Where the program that runs elsewhere writes what it says; the run store fits. */
export interface TrainingDiary {
  findEvents(runName: string): Promise<DiaryEntry[]>;
  /** Empty when there is none. */
  findLog(runName: string): Promise<string>;
}

export type FailedEvent = Extract<TrainingEvent, { type: 'failed' }>;

/** Hands on what the program has said since the last look. */
export interface EventTail {
  /** @throws Failure when the storage account can't be read */
  read(): Promise<void>;
  /** The program's reason for giving up, if it gave one after this moment. */
  failedSince(moment: Date): FailedEvent | null;
  /** From the program's first to its last word after this moment; null when it said nothing. */
  spokeForMs(moment: Date): number | null;
}

/**
 * Follows the diary of a run from its beginning. Its last entry may be replaced by a newer one; all before it stand.
 *
 * @param onEvent gets every event, in their order
 */
export function createEventTail(diary: TrainingDiary, runName: string, onEvent: (event: TrainingEvent) => void): EventTail {
  let entries: DiaryEntry[] = [];

  function after(moment: Date): DiaryEntry[] {
    return entries.filter(({ at }) => Date.parse(at) >= moment.getTime());
  }

  return {
    async read() {
      const newer = await diary.findEvents(runName);
      let position = 0;
      while (position < entries.length && isSame(entries[position]!, newer[position])) position += 1;
      entries = newer;
      for (const { event } of newer.slice(position)) onEvent(event);
    },
    failedSince(moment) {
      const last = after(moment).at(-1)?.event;
      return last?.type === 'failed' ? last : null;
    },
    spokeForMs(moment) {
      const times = after(moment).map(({ at }) => Date.parse(at));
      return times.length === 0 ? null : times.at(-1)! - times[0]!;
    },
  };
}

function isSame(a: DiaryEntry, b: DiaryEntry | undefined): boolean {
  return b !== undefined && a.at === b.at && a.event.type === b.event.type;
}
