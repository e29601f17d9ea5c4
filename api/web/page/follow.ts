import { readEvents } from './event-stream.ts';
import type { ServerEvent } from './event-stream.ts';
import { pause } from './pause.ts';
import { canPass, Refusal } from './refusal.ts';
import { request } from './request.ts';

interface FollowOptions {
  readonly onEvent: (event: ServerEvent) => void;
  /** Called with each end of the stream that is not the last, before it is opened again. */
  readonly onLost: () => void;
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** The server sends a sign of life every 15 seconds. */
const LONGEST_SILENCE_MS = 40_000;

/**
 * Follows a stream of events until `signal` is aborted, and opens it again whenever it ends, breaks or falls silent: sooner at first,
 * then after up to half a minute.
 *
 * @throws Refusal when asking again can't help: no key, another venue's, no such thing
 */
export async function follow(path: string, { onEvent, onLost, signal }: FollowOptions): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  while (!isOver()) {
    const silence = new AbortController();
    let timer = setTimeout(giveUp, LONGEST_SILENCE_MS);
    try {
      const { body } = await request(path, { headers: { accept: 'text/event-stream' }, signal: AbortSignal.any([signal, silence.signal]) });
      for await (const event of readEvents(body!, listenOn)) {
        waitMs = FIRST_WAIT_MS;
        onEvent(event);
      }
    } catch (error) {
      if (isOver()) return;
      if (error instanceof Refusal && canPass(error)) waitMs = Math.max(waitMs, error.retryAfterMs ?? 0);
      else if (!silence.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
    if (isOver()) return;
    onLost();
    await pause(waitMs, signal);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);

    function listenOn(): void {
      clearTimeout(timer);
      timer = setTimeout(giveUp, LONGEST_SILENCE_MS);
    }
    function giveUp(): void {
      silence.abort();
    }
  }

  function isOver(): boolean {
    return signal.aborted;
  }
}
