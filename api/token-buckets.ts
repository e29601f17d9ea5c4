/** What a caller may still ask for, after having asked. */
export interface Allowance {
  readonly isAllowed: boolean;
  /** Whole requests that may follow at once. */
  readonly remaining: number;
  /** Until one more may follow, or what was refused may; 0 when it may now. */
  readonly retryMs: number;
  /** Until as many may follow as ever. */
  readonly fullMs: number;
}

export interface TokenBuckets {
  /** Takes so many tokens, one when nothing is said, or none where there are too few; never more than a full bucket has. */
  take(who: string, options?: { readonly now?: number; readonly tokens?: number }): Allowance;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Addresses can be made up by the million; the one that has been silent longest is forgotten first, and begins anew with a full bucket. */
const MOST_CALLERS = 10_000;
const MINUTE_MS = 60_000;

/**
 * A bucket for each caller, which holds a minute's worth of requests and fills steadily: a burst is fine, twice the limit
 * around the turn of a minute is not possible. In the memory of this process: several processes allow each the whole.
 */
export function createTokenBuckets(perMinute: number): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  const tokensPerMs = perMinute / MINUTE_MS;

  return {
    take(who, { now = performance.now(), tokens: wanted = 1 } = {}) {
      const price = Math.min(wanted, perMinute);
      const before = buckets.get(who) ?? { tokens: perMinute, at: now };
      const filled = Math.min(perMinute, before.tokens + Math.max(0, now - before.at) * tokensPerMs);
      const isAllowed = filled >= price;
      const tokens = isAllowed ? filled - price : filled;
      // The order of a Map is that in which its keys came.
      buckets.delete(who);
      buckets.set(who, { tokens, at: now });
      if (buckets.size > MOST_CALLERS) buckets.delete(buckets.keys().next().value!);
      return {
        isAllowed,
        remaining: Math.floor(tokens),
        retryMs: Math.max(0, (isAllowed ? 1 : price) - tokens) / tokensPerMs,
        fullMs: (perMinute - tokens) / tokensPerMs,
      };
    },
  };
}
