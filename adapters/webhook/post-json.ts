import * as http from 'node:http';
import type { IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { Failure } from '../../domain/failure.ts';
import type { AddressGuard } from './address-guard.ts';
import { ForbiddenAddressError } from './address-guard.ts';

export interface Post {
  /** Its name in what is said of failures: the address may hold a secret. */
  readonly receiver: string;
  /** The setting that names it. */
  readonly setting: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Which addresses the URL may lead to; any when not given. */
  readonly guard?: AddressGuard;
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
  response.destroy();
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) throw toFailure(post, status, response.headers['retry-after']);
  return { status, tookMs: Date.now() - begun };
}

async function send(post: Post, callerSignal: AbortSignal): Promise<IncomingMessage> {
  const { receiver, setting, timeoutMs } = post;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await request(post, AbortSignal.any([callerSignal, limit]));
  } catch (error) {
    callerSignal.throwIfAborted();
    if (error instanceof ForbiddenAddressError) {
      throw new Failure('delivery-refused', `The ${receiver} leads to an address where webhooks may not go. Check ${setting}, and BAROMETER_VENUE_WEBHOOK_NETWORK of the workers.`, { cause: error });
    }
    const why = limit.aborted ? `no answer within ${timeoutMs / 1000} s` : 'no connection';
    throw new Failure('dependency-unavailable', `The ${receiver} can't be reached (${why}). If that stays so, check ${setting}.`, { cause: error });
  }
}

/** By Node's own client, and not by `fetch`, which does not let anybody say which addresses it may connect to. */
async function request({ url, body, headers, guard }: Post, signal: AbortSignal): Promise<IncomingMessage> {
  guard?.check(url);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { request: open } = url.startsWith('https:') ? https : http;
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'barometer', ...headers },
    signal,
    // No connection is left over for the next request, which may be for another address by then.
    agent: false,
    ...(guard === undefined ? {} : { lookup: guard.lookup }),
  };
  const sent = open(url, options, resolve);
  // Also after the answer: a receiver that tears the connection down has answered all the same.
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

function toFailure({ receiver, setting }: Post, status: number, retryAfter: string | undefined): Failure {
  if (status >= 500 || BUSY_STATUSES.has(status)) {
    const retryAfterMs = toRetryAfterMs(retryAfter);
    return new Failure('dependency-unavailable', `The ${receiver} is not able to take notifications now (${status}).`, { retryAfterMs });
  }
  if (status >= 300 && status < 400) return new Failure('delivery-refused', `The ${receiver} sends elsewhere (${status}), which is not followed. Give the last address in ${setting}.`);
  return new Failure('delivery-refused', `The ${receiver} does not take the notification (${status}). Check ${setting}, and what its receiver says of it.`);
}

/** Seconds, or a date; null when neither is said. */
function toRetryAfterMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 ? Math.min(ms, MOST_RETRY_AFTER_MS) : null;
}
