import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { ApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import type { Logger } from '../../adapters/telemetry/logger.ts';

/** What callers may name a request; anything else could forge lines or grow without bound. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The status that is logged for callers who left before they were answered; none was sent. */
const CLIENT_GONE = 499;

/** Asked every few seconds by machines; only of interest to whoever looks for them. */
export const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Gives each request an id, the caller's own if it brings one, and writes one line about it when it is over. Never a
 * word of its content: no file name, no path that a caller made up, no query.
 */
export function logRequests(logger: Pick<Logger, 'info' | 'debug'>, metrics: ApiMetrics): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now();
    const given = ctx.get('x-request-id');
    const id = REQUEST_ID.test(given) ? given : randomUUID();
    ctx.state['requestId'] = id;
    ctx.set('X-Request-Id', id);
    metrics.requestStarted();
    ctx.res.once('close', () => {
      const ms = performance.now() - startedAt;
      const status = ctx.res.writableFinished ? ctx.res.statusCode : CLIENT_GONE;
      const route = toRoute(ctx);
      metrics.requestFinished({ method: ctx.method, route, status, seconds: ms / 1000 });
      const line = { id, method: ctx.method, route, status, ms: Math.round(ms * 10) / 10, ...toBytes(ctx), ...toModel(ctx), ...toKey(ctx) };
      if (PROBES.has(route)) logger.debug(line, 'request');
      else logger.info(line, 'request');
    });
    await next();
  };
}

/** The pattern that the request matched; never its path. */
export function toRoute(ctx: Context): string {
  const route: unknown = ctx['_matchedRoute'];
  return typeof route === 'string' ? route : 'none';
}

function toBytes(ctx: Context): { requestBytes: number | null; bytes: number | null } {
  return { requestBytes: toLength(ctx.get('content-length')), bytes: toLength(ctx.response.get('content-length')) };
}

function toLength(header: string): number | null {
  return header === '' ? null : Number(header);
}

/** Which key was sent; its id is no secret. */
function toKey(ctx: Context): { key?: string } {
  const id: unknown = ctx.state['keyId'];
  return typeof id === 'string' ? { key: id } : {};
}

function toModel(ctx: Context): { modelVersion?: number } {
  const version: unknown = ctx.state['modelVersion'];
  return typeof version === 'number' ? { modelVersion: version } : {};
}
