import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import type { Logger } from '../../adapters/telemetry/logger.ts';
import { Failure } from '../../domain/failure.ts';
import { cutInAMoment } from '../linger.ts';
import { HttpProblem, PROBLEM_CONTENT_TYPE, toProblem } from '../problem.ts';

/** When to ask again after a 503. */
const RETRY_AFTER_SECONDS = 5;

/** Turns whatever goes wrong, and whatever nothing answered, into a problem document. */
export function answerProblems(logger: Pick<Logger, 'error'>): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      refuseUnanswered(ctx.status, ctx.body, ctx.method);
    } catch (error) {
      // Nobody is there any more to be told.
      if (ctx.req.destroyed && !ctx.req.complete) return;
      const problem = toProblem(error, ctx.state['requestId'] as string);
      if (problem.status === 500) logger.error({ err: error, id: problem.requestId }, 'a request failed unexpectedly');
      ctx.status = problem.status;
      if (problem.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
      if (error instanceof HttpProblem) ctx.set(error.headers);
      ctx.set('Cache-Control', 'no-store');
      ctx.body = speaksInferenceProtocol(ctx.path) ? { ...problem, error: problem.detail } : problem;
      ctx.type = PROBLEM_CONTENT_TYPE;
    }
    if (!ctx.req.complete) stopReading(ctx.req, ctx.res);
  };
}

function speaksInferenceProtocol(path: string): boolean {
  return path === '/v2' || path.startsWith('/v2/');
}

function refuseUnanswered(status: number, body: unknown, method: string): void {
  if (body !== null && body !== undefined) return;
  if (status === 404) throw new Failure('not-found', 'There is nothing at this address; /docs lists what there is.');
  if (status === 405 || status === 501) throw new HttpProblem('method-not-allowed', `${method} is not possible here.`);
}

/** Discards what is still coming. */
function stopReading(req: IncomingMessage, res: ServerResponse): void {
  res.once('finish', () => {
    if (req.complete) return;
    req.resume();
    cutInAMoment(req);
  });
}
