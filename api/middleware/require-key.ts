import { buffer } from 'node:stream/consumers';
import type { Context, Middleware } from 'koa';
import type { Access } from '../access.ts';
import { isLoopback } from '../access.ts';
import type { GoldenImages } from '../golden-images.ts';
import { toOpening } from '../open-paths.ts';
import { HttpProblem } from '../problem.ts';

const FORWARDED_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

const PREDICT = '/predict';
const BEARER = /^bearer +(\S+) *$/i;
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="barometer"' };

/** The same words for every reason: who has no key learns nothing of those that there are. */
const REFUSAL = 'This needs a key that is in force. Send it as "Authorization: Bearer bm_…", or as "x-api-key: bm_…".';

/**
 * Lets those through who have a key, and names them in `ctx.state.caller`; {@link isStillIn} says of long answers whether they still may. Without one there are the open paths, what is open to all
 * where that was said, and predictions of golden images: a rollout asks for those in pods whose keys it does not have, and
 * whoever knows these drawn faces knows their answers.
 */
export function requireKey({ open, keys, onUse }: Pick<Access, 'open' | 'keys' | 'onUse'>, golden: GoldenImages): Middleware {
  function isOpenTo(ctx: Context): boolean {
    if (open !== 'loopback') return open === 'always';
    return keys.knowledge() === 'none' && comesFromHere(ctx);
  }

  return async (ctx, next) => {
    const key = readKey(ctx);
    const holder = key === null ? null : keys.findHolder(key);
    if (holder !== null) {
      onUse(holder.id);
      ctx.state['caller'] = `key ${holder.id}`;
      ctx.state['keyId'] = holder.id;
      ctx.state['venue'] = holder.venue;
      ctx.state['isStillIn'] = () => keys.findHolder(key!)?.venue === holder.venue;
    } else if (!isOpenPath(ctx)) {
      // A key that is none is not overlooked where keys matter, so that nobody believes it to be one.
      const isIn = isOpenTo(ctx) && (key === null || keys.knowledge() === 'none');
      if (!isIn) await admitGolden(ctx);
      ctx.state['isStillIn'] = () => isOpenTo(ctx);
      ctx.state['caller'] = `${isIn ? 'address' : 'golden'} ${ctx.ip}`;
    }
    await next();
  };

  async function admitGolden(ctx: Context): Promise<void> {
    const length = Number(ctx.get('content-length') || Number.NaN);
    if (ctx.method === 'POST' && ctx.path === PREDICT && golden.hasLength(length)) {
      if (ctx.get('expect') !== '') ctx.res.writeContinue();
      const image = await buffer(ctx.req);
      if (golden.has(image)) {
        ctx.state['readBody'] = image;
        ctx.state['isGolden'] = true;
        return;
      }
    }
    if (keys.knowledge() === 'unknown') throw new HttpProblem('keys-unknown', 'It is not known yet who may ask. Try again in a moment.');
    throw new HttpProblem('key-required', REFUSAL, CHALLENGE);
  }
}

/** Whether the caller would be let in again: a key may be revoked while an answer is still being given. */
export function isStillIn({ state }: Pick<Context, 'state'>): boolean {
  return (state['isStillIn'] as (() => boolean) | undefined)?.() ?? true;
}

function isOpenPath(ctx: Context): boolean {
  const opening = toOpening(ctx.path);
  return opening === 'all' || (opening === 'inside' && !isForwarded(ctx));
}

/** `x-api-key` comes first: proxies keep `Authorization` for themselves. */
function readKey(ctx: Context): string | null {
  const own = ctx.get('x-api-key').trim();
  if (own !== '') return own;
  return BEARER.exec(ctx.get('authorization'))?.[1] ?? null;
}

/**
 * A proxy on this machine speaks for others. So does a browser whose page comes from elsewhere under a name that was made to lead
 * here; but it says that name.
 */
function comesFromHere(ctx: Context): boolean {
  return isLoopback(ctx.hostname) && !isForwarded(ctx);
}

function isForwarded(ctx: Context): boolean {
  return FORWARDED_HEADERS.some((name) => ctx.get(name) !== '');
}
