import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { startFakeServer } from './fake-http.ts';

export interface ReceivedPost {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** With which it was answered. */
  readonly status: number;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly ReceivedPost[];
  stop(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Listens as somebody's webhook does, and keeps what comes. `reply` is asked with the number of the request, from 0; null: no answer at all. */
export async function startWebhookReceiver(reply: (request: number) => Reply | null = () => ({ status: 204 })): Promise<WebhookReceiver> {
  const received: ReceivedPost[] = [];
  const server = await startFakeServer((request, response: ServerResponse) => {
    void text(request).then((body) => {
      const answer = reply(received.length);
      received.push({ path: request.url ?? '', headers: toPlain(request.headers), body, status: answer?.status ?? 0 });
      if (answer !== null) response.writeHead(answer.status, answer.headers).end(answer.status === 204 ? undefined : 'whatever a receiver says');
    });
  });
  return { url: `http://${server.host}/hooks/barometer?key=hush`, received, stop: server.stop };
}

function toPlain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
