import type { Logger } from '../adapters/telemetry/logger.ts';
import { isFailure } from '../domain/failure.ts';

export interface KeyUses {
  /** Costs next to nothing: it is called at every request. */
  used(id: string): void;
  /** Writes down what is not yet; never rejects. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyUsesOptions {
  readonly noteUse: (id: string, at: Date) => Promise<void>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly flushMs?: number;
}

const FLUSH_MS = 60_000;
const HOUR_MS = 60 * 60_000;

/**
 * Notes when keys were last used: to the hour, because nobody needs to know more, and away from the requests. What can't be
 * written is tried again; where this process may not write, nothing is noted.
 */
export function createKeyUses({ noteUse, logger, flushMs = FLUSH_MS }: KeyUsesOptions): KeyUses {
  /** Hours since 1970, by id. */
  const pending = new Map<string, number>();
  const written = new Map<string, number>();
  let isAllowed = true;
  let flushing: Promise<void> | null = null;

  async function write(): Promise<void> {
    for (const [id, hour] of [...pending]) {
      try {
        await noteUse(id, new Date(hour * HOUR_MS));
        written.set(id, hour);
        if (pending.get(id) === hour) pending.delete(id);
      } catch (error) {
        const mayNot = isFailure(error, 'access-denied');
        if (mayNot) isAllowed = false;
        logger.warn({ err: error, id }, mayNot ? 'this process may not note when keys are used; it does without' : 'the use of a key could not be noted; it is tried again');
        return;
      }
    }
  }

  function flush(): Promise<void> {
    if (!isAllowed) return Promise.resolve();
    flushing ??= write().finally(() => {
      flushing = null;
    });
    return flushing;
  }

  const timer = setInterval(() => void flush(), flushMs);
  timer.unref();

  return {
    used(id) {
      const hour = Math.floor(Date.now() / HOUR_MS);
      if (isAllowed && written.get(id) !== hour) pending.set(id, hour);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
