import type { Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';

/**
 * Turns requests away at once when so many are under way that a new one would only wait and hold memory. One key alone gets half
 * of the places: a venue on a slow line does not keep others out.
 */
export function limitInFlight(most: number): Middleware {
  let inFlight = 0;
  const byKey = new Map<string, number>();
  const mostOfOneKey = Math.ceil(most / 2);
  return async (ctx, next) => {
    const key: unknown = ctx.state['keyId'];
    const ofKey = typeof key === 'string' ? (byKey.get(key) ?? 0) : 0;
    if (ofKey >= mostOfOneKey) throw new HttpProblem('overloaded', `${mostOfOneKey} images of this key are being worked on. Try again in a moment.`);
    if (inFlight >= most) throw new HttpProblem('overloaded', `${most} images are being worked on. Try again in a moment.`);
    inFlight += 1;
    if (typeof key === 'string') byKey.set(key, ofKey + 1);
    try {
      await next();
    } finally {
      inFlight -= 1;
      if (typeof key === 'string') leave(key);
    }
  };

  function leave(key: string): void {
    const left = (byKey.get(key) ?? 0) - 1;
    if (left > 0) byKey.set(key, left);
    else byKey.delete(key);
  }
}
