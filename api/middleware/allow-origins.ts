import cors from '@koa/cors';
import type { Middleware } from 'koa';

const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of these origins read the answers, and no others. Never with a browser's own credentials: a key is sent by whoever has
 * it.
 */
export function allowOrigins(origins: readonly string[]): Middleware {
  if (origins.length === 0) return (_ctx, next) => next();
  const allowed = new Set(origins);
  return cors({
    origin: (ctx) => (allowed.has(ctx.get('origin')) ? ctx.get('origin') : ''),
    allowMethods: ['GET', 'HEAD', 'POST'],
    allowHeaders: ['Authorization', 'Barometer-Camera', 'Barometer-Venue', 'Content-Type', 'Inference-Header-Content-Length', 'X-Api-Key', 'X-Request-Id'],
    exposeHeaders: ['Inference-Header-Content-Length', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
    maxAge: PREFLIGHT_SECONDS,
  });
}
