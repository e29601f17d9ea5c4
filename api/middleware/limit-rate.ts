import type { Context, Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';
import type { Allowance } from '../token-buckets.ts';
import { createTokenBuckets } from '../token-buckets.ts';

const POLICY = 'per-minute';
const WINDOW_SECONDS = 60;

/**
 * Lets each caller (`ctx.state.caller`) ask so often a minute, and says in every answer what is left, by the fields of
 * draft-ietf-httpapi-ratelimit-headers-10. What is open to all is not counted. A request that turns out to hold several images
 * is charged for the others by {@link chargeImages}.
 *
 * @param perMinute 0 for no limit
 */
export function limitRate(perMinute: number): Middleware {
  const buckets = createTokenBuckets(perMinute);
  const msPerRequest = (WINDOW_SECONDS * 1000) / perMinute;

  function toFields({ isAllowed, remaining, retryMs, fullMs }: Allowance): Record<string, string> {
    return {
      'RateLimit-Policy': `"${POLICY}";q=${perMinute};w=${WINDOW_SECONDS}`,
      RateLimit: `"${POLICY}";r=${remaining};t=${toSeconds(isAllowed ? fullMs : retryMs)}`,
    };
  }

  function refuse(what: string, afterMs: number): never {
    throw new HttpProblem('too-many-requests', `At most ${perMinute} ${what} a minute are answered. Try again in ${toSeconds(afterMs)} s.`, {
      'Retry-After': String(toSeconds(afterMs)),
    });
  }

  return async (ctx, next) => {
    const caller: unknown = ctx.state['caller'];
    if (perMinute > 0 && typeof caller === 'string') {
      const taken = buckets.take(caller);
      ctx.set(toFields(taken));
      if (!taken.isAllowed) refuse('requests', taken.retryMs);
      ctx.state['charge'] = (images: number): void => {
        // One is paid for; more than a full bucket nobody could ever pay.
        const tokens = Math.min(images, perMinute) - 1;
        if (tokens <= 0) return;
        const more = buckets.take(caller, { tokens });
        ctx.set(toFields(more));
        if (!more.isAllowed) refuse('images', more.retryMs + msPerRequest);
      };
    }
    await next();
  };
}

/**
 * Counts a request with several images as so many requests.
 *
 * @throws HttpProblem `too-many-requests`
 */
export function chargeImages({ state }: Pick<Context, 'state'>, images: number): void {
  (state['charge'] as ((images: number) => void) | undefined)?.(images);
}

function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
