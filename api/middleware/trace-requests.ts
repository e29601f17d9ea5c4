import type { Middleware } from 'koa';
import type { Tracing } from '../../adapters/telemetry/tracing.ts';
import { PROBES, toRoute } from './log-requests.ts';

/** A span for each request, in its caller's trace. As little of its content as the log has: neither names nor queries. */
export function traceRequests({ inSpan }: Pick<Tracing, 'inSpan'>): Middleware {
  return async (ctx, next) => {
    if (PROBES.has(ctx.path)) {
      await next();
      return;
    }
    const attributes = { 'http.request.method': ctx.method, 'barometer.request_id': String(ctx.state['requestId']) };
    await inSpan(ctx.method, { attributes, headers: ctx.headers }, async (span) => {
      await next();
      const route = toRoute(ctx);
      const version: unknown = ctx.state['modelVersion'];
      span.rename(`${ctx.method} ${route}`);
      span.note({ 'http.route': route, 'http.response.status_code': ctx.status, ...(typeof version === 'number' && { 'barometer.model_version': version }) });
      if (ctx.status >= 500) span.fail(String(ctx.status));
    });
  };
}
