import type { Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';

/** Turns requests away at once when so many are under way that a new one would only wait and hold memory. */
export function limitInFlight(most: number): Middleware {
  let inFlight = 0;
  return async (_ctx, next) => {
    if (inFlight >= most) throw new HttpProblem('overloaded', `${most} images are being worked on. Try again in a moment.`);
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
    }
  };
}
