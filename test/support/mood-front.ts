import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MoodAnswer } from '../../api/venue-answers.ts';

/**
 * Stands before an API and speaks of moods for it, as a test says: breaks off, falls silent, and fills an hour at once. All else goes
 * through.
 */
export async function startMoodFront(target: string) {
  const streams = new Set<ServerResponse>();
  const asked: IncomingMessage[] = [];
  let mood: MoodAnswer | null = null;

  const server = createServer((req, res) => {
    if (!/^\/venues\/[^/]+\/mood/.test(req.url!)) {
      passOn(req, res);
      return;
    }
    asked.push(req);
    if (mood === null) req.socket.destroy();
    else if (req.url!.endsWith('/stream')) {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(res.on('close', () => streams.delete(res)));
      send(res, mood);
    } else {
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(mood));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function passOn(req: IncomingMessage, res: ServerResponse): void {
    const onward = request(new URL(req.url!, target), { method: req.method!, headers: { ...req.headers, host: new URL(target).host } }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was asked about venues so far. */
    asked,
    openStreams: () => streams.size,
    /** Says this from now on, also to those who listen; null: breaks every connection. */
    say(next: MoodAnswer | null): void {
      mood = next;
      for (const stream of streams) {
        if (next === null) stream.destroy();
        else send(stream, next);
      }
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type MoodFront = Awaited<ReturnType<typeof startMoodFront>>;

function send(stream: ServerResponse, { series: _series, ...now }: MoodAnswer): void {
  stream.write(`: alive\n\nevent: mood\ndata: ${JSON.stringify(now)}\n\n`);
}
