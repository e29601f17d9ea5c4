import { PassThrough } from 'node:stream';
import type { Context } from 'koa';

export interface EventStreamOptions {
  /** The name of every event. */
  readonly event: string;
  /** The newest data; asked for at once, and then every so often. */
  readonly read: () => object;
  /** Sent again only when this of it has changed. */
  readonly toCompared: (data: object) => unknown;
  /** The stream ends when this has become false. */
  readonly isWanted: () => boolean;
  readonly ending: AbortSignal;
  readonly periodMs: number;
  readonly heartbeatMs: number;
  readonly onEnd: () => void;
}

/** When a client that has lost the stream comes back. */
const RETRY_MS = 2_000;

/**
 * Answers with Server-Sent Events (the `text/event-stream` of the HTML standard): what is newest, whenever it is another than before,
 * until the client leaves, the server ends, or it is not wanted any more. A client that reads slowly misses what is in between.
 */
export function answerWithEvents(ctx: Context, { event, read, toCompared, isWanted, ending, periodMs, heartbeatMs, onEnd }: EventStreamOptions): void {
  const stream = new PassThrough();
  let sent: string | null = null;
  let sentAt = performance.now();

  function write(text: string): void {
    // It is still being sent what came before.
    if (stream.writableNeedDrain) return;
    stream.write(text);
    sentAt = performance.now();
  }

  function beat(): void {
    if (!isWanted()) {
      end();
      return;
    }
    const data = read();
    const compared = JSON.stringify(toCompared(data));
    if (compared !== sent && !stream.writableNeedDrain) {
      write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      sent = compared;
    } else if (performance.now() - sentAt >= heartbeatMs) write(': still here\n\n');
  }

  function end(): void {
    stream.end();
  }

  const timer = setInterval(beat, periodMs);
  timer.unref();
  ending.addEventListener('abort', end, { once: true });
  // Also when the client leaves: the framework then destroys the body.
  stream.once('close', () => {
    clearInterval(timer);
    ending.removeEventListener('abort', end);
    onEnd();
  });

  ctx.status = 200;
  ctx.type = 'text/event-stream';
  // Proxies that keep answers back until they are whole would keep back all of it.
  ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  ctx.body = stream;
  write(`retry: ${RETRY_MS}\n\n`);
  if (ending.aborted) end();
  else beat();
}
