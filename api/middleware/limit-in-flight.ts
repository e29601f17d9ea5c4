import type { Middleware } from 'koa';
import type { Slots } from '../slots.ts';
import { HttpProblem } from '../problem.ts';

/**
 * Turns requests away at once when so many are under way that a new one would only wait and hold memory, and says when those will be
 * done.
 *
 * @param count slots that a request takes
 */
export function limitInFlight(slots: Slots, count = 1): Middleware {
  return async (ctx, next) => {
    const key: unknown = ctx.state['keyId'];
    const free = slots.take(count, typeof key === 'string' ? key : null);
    if (typeof free === 'string') {
      const detail = free === 'key-taken' ? `${slots.mostOfOneKey} images of this key are being worked on.` : `${slots.most} images are being worked on.`;
      throw new HttpProblem('overloaded', `${detail} Try again in a moment.`, { 'Retry-After': String(slots.toWaitSeconds()) });
    }
    try {
      await next();
    } finally {
      free();
    }
  };
}
