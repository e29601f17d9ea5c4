export interface Following {
  /** Looks now, or waits for the look that is under way. */
  refresh(): Promise<void>;
  /** Looks no more; waits for the look that is under way. */
  close(): Promise<void>;
}

/**
 * Looks at once, and then again and again, never twice at a time. It does not keep the process alive.
 *
 * @param look never rejects
 */
export function follow(look: () => Promise<void>, pollMs: number): Following {
  let looking: Promise<void> | null = null;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function refresh(): Promise<void> {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  function schedule(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      void refresh().finally(schedule);
    }, pollMs);
    timer.unref();
  }

  void refresh().finally(schedule);

  return {
    refresh,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
