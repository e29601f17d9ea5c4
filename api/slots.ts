/** Slots for what is worked on at a time, and how long it takes until one is free again. */
export interface Slots {
  readonly most: number;
  /** Of one key alone. */
  readonly mostOfOneKey: number;
  /** Takes slots; gives the function that frees them, or says whose slots are all taken. */
  take(count: number, key: string | null): (() => void) | 'all-taken' | 'key-taken';
  /** Seconds until about all that is under way will be done, by how fast the last ones were; at least 1. */
  toWaitSeconds(): number;
}

/** What the newest end counts in the mean of how long a slot is taken. */
const NEWEST = 0.1;
/** Whoever is told to wait longer might as well ask somebody else. */
const LONGEST_WAIT_SECONDS = 30;

/**
 * One key gets half of the slots: a venue on a slow line, or one that sends everything at once, does not keep others out.
 *
 * @param now in milliseconds, never backwards
 */
export function createSlots(most: number, now: () => number = () => performance.now()): Slots {
  const byKey = new Map<string, number>();
  const mostOfOneKey = Math.ceil(most / 2);
  let taken = 0;
  let lastEndAt = Number.NEGATIVE_INFINITY;
  let slotMs: number | null = null;

  /** Works wait for each other, so that what one takes is the time since the one before; or its own, when it was alone. */
  function learn(startedAt: number, count: number): void {
    const ms = (now() - Math.max(startedAt, lastEndAt)) / count;
    lastEndAt = now();
    slotMs = slotMs === null ? ms : slotMs + NEWEST * (ms - slotMs);
  }

  function addTo(key: string, count: number): void {
    const sum = (byKey.get(key) ?? 0) + count;
    if (sum > 0) byKey.set(key, sum);
    else byKey.delete(key);
  }

  return {
    most,
    mostOfOneKey,
    take(count, key) {
      if (key !== null && (byKey.get(key) ?? 0) + count > mostOfOneKey) return 'key-taken';
      if (taken + count > most) return 'all-taken';
      const startedAt = now();
      taken += count;
      if (key !== null) addTo(key, count);
      return () => {
        taken -= count;
        if (key !== null) addTo(key, -count);
        learn(startedAt, count);
      };
    },
    toWaitSeconds: () => Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil((taken * (slotMs ?? 0)) / 1000))),
  };
}
