import type { Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';
import { createTokenBuckets } from '../token-buckets.ts';

const POLICY = 'per-minute';
const WINDOW_SECONDS = 60;

/**
 * Lets each caller (`ctx.state.caller`) ask so often a minute, and says in every answer what is left, by the fields of
 * draft-ietf-httpapi-ratelimit-headers-10. What is open to all is not counted.
 *
 * @param perMinute 0 for no limit
 */
export function limitRate(perMinute: number): Middleware {
  const buckets = createTokenBuckets(perMinute);
  return async (ctx, next) => {
    const caller: unknown = ctx.state['caller'];
    if (perMinute > 0 && typeof caller === 'string') {
      const { isAllowed, remaining, retryMs, fullMs } = buckets.take(caller);
      ctx.set({
        'RateLimit-Policy': `"${POLICY}";q=${perMinute};w=${WINDOW_SECONDS}`,
        RateLimit: `"${POLICY}";r=${remaining};t=${toSeconds(isAllowed ? fullMs : retryMs)}`,
      });
      if (!isAllowed) {
        throw new HttpProblem('too-many-requests', `At most ${perMinute} requests a minute are answered. Try again in ${toSeconds(retryMs)} s.`, {
          'Retry-After': String(toSeconds(retryMs)),
        });
      }
    }
    await next();
  };
}

function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
