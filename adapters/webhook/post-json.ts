import { Failure } from '../../domain/failure.ts';

export interface Post {
  /** Its name in what is said of failures: the address may hold a secret. */
  readonly receiver: string;
  /** The setting that names it. */
  readonly setting: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** What a receiver said that took it. */
export interface Receipt {
  readonly status: number;
  readonly tookMs: number;
}

const BUSY_STATUSES = new Set([408, 425, 429]);
/** However long a receiver wants to be left alone. */
const MOST_RETRY_AFTER_MS = 60 * 60_000;

/**
 * Posts JSON. Redirects are not followed: they would lead what is signed for one receiver to another.
 *
 * @throws Failure `dependency-unavailable` when no answer comes in time or the receiver is busy, with the time after which it wants
 *   to be asked again; `delivery-refused` when it turns the request down; and the signal's reason when it is aborted
 */
export async function postJson(post: Post, callerSignal: AbortSignal): Promise<Receipt> {
  const begun = Date.now();
  const response = await send(post, callerSignal);
  // What it says beside its status may be anything, of any size.
  await response.body?.cancel().catch(() => undefined);
  if (!response.ok) throw toFailure(post, response);
  return { status: response.status, tookMs: Date.now() - begun };
}

async function send({ receiver, setting, url, body, headers, timeoutMs }: Post, callerSignal: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'barometer', ...headers },
      body,
      signal: AbortSignal.any([callerSignal, limit]),
    });
  } catch (error) {
    callerSignal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${timeoutMs / 1000} s` : 'no connection';
    throw new Failure('dependency-unavailable', `The ${receiver} can't be reached (${why}). If that stays so, check ${setting}.`, { cause: error });
  }
}

function toFailure({ receiver, setting }: Post, { status, headers }: Response): Failure {
  if (status >= 500 || BUSY_STATUSES.has(status)) {
    const retryAfterMs = toRetryAfterMs(headers.get('retry-after'));
    return new Failure('dependency-unavailable', `The ${receiver} is not able to take notifications now (${status}).`, { retryAfterMs });
  }
  if (status >= 300 && status < 400) return new Failure('delivery-refused', `The ${receiver} sends elsewhere (${status}), which is not followed. Give the last address in ${setting}.`);
  return new Failure('delivery-refused', `The ${receiver} does not take the notification (${status}). Check ${setting}, and what its receiver says of it.`);
}

/** Seconds, or a date; null when neither is said. */
function toRetryAfterMs(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 ? Math.min(ms, MOST_RETRY_AFTER_MS) : null;
}
