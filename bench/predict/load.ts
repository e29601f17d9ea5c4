import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { devNull } from 'node:os';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { Sharp } from 'sharp';

/**
 * Measures POST /predict: how many images a second it answers, and how long each takes, for pictures of several sizes
 * and several callers at a time. Load and server share this machine, so that the figures are a lower bound. The first
 * line, GET /healthz, shows what an empty request costs here.
 *
 *     node bench/predict/load.ts [--url http://127.0.0.1:8080] [--seconds 5]
 */
const { values } = parseArgs({
  options: { url: { type: 'string' }, seconds: { type: 'string', default: '5' }, callers: { type: 'string', default: '1,2,4,16' } },
});
const seconds = Number(values.seconds);
const callerCounts = values.callers.split(',').map(Number);

interface Work {
  readonly name: string;
  readonly path: string;
  readonly body?: Buffer;
}

interface Figures {
  readonly latenciesMs: number[];
  readonly failures: number;
  readonly elapsedSeconds: number;
}

const url = values.url ?? (await startServer());
const works: Work[] = [
  { name: 'GET /healthz', path: '/healthz' },
  { name: 'face, 48x48 PNG', path: '/predict', body: await draw(48, 48).png().toBuffer() },
  { name: 'camera, 640x480 JPEG', path: '/predict', body: await draw(640, 480).jpeg({ quality: 85 }).toBuffer() },
  { name: 'camera, 1920x1080 JPEG', path: '/predict', body: await draw(1920, 1080).jpeg({ quality: 85 }).toBuffer() },
  { name: 'screenshot, 1920x1080 PNG', path: '/predict', body: await draw(1920, 1080).png().toBuffer() },
  { name: 'phone, 4000x3000 JPEG', path: '/predict', body: await draw(4000, 3000).jpeg({ quality: 85 }).toBuffer() },
];

console.log('| request | kB | callers | per second | p50 ms | p95 ms | p99 ms | max ms | failed |');
console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
for (const work of works) {
  for (const callers of callerCounts) {
    await load(work, callers, 0.5);
    print(work, callers, await load(work, callers, seconds));
  }
}
process.exit();

async function startServer(): Promise<string> {
  // Log lines are written as in operation, and thrown away.
  const child = fork(new URL('serve.ts', import.meta.url), { stdio: ['ignore', openSync(devNull, 'w'), 'inherit', 'ipc'] });
  const [address] = (await once(child, 'message')) as [string];
  return address;
}

/** Every caller asks again as soon as it is answered, over a connection that stays open. */
async function load(work: Work, callers: number, duration: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const latenciesMs: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + duration * 1000;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < endsAt) {
        const askedAt = performance.now();
        const status = await ask(work, agent);
        latenciesMs.push(performance.now() - askedAt);
        if (status !== 200) failures += 1;
      }
    }),
  );
  agent.destroy();
  return { latenciesMs, failures, elapsedSeconds: (performance.now() - startedAt) / 1000 };
}

function ask({ path, body }: Work, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = body === undefined ? {} : { 'content-type': 'application/octet-stream', 'content-length': body.length };
  const sent = request(`${url}${path}`, { method: body === undefined ? 'GET' : 'POST', agent, headers }, (answer) => {
    answer.resume();
    answer.once('end', () => {
      resolve(answer.statusCode ?? 0);
    });
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

function print({ name, body }: Work, callers: number, { latenciesMs, failures, elapsedSeconds }: Figures): void {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((share) => sorted[Math.ceil(share * sorted.length) - 1]!.toFixed(1));
  const kilobytes = Math.round((body?.length ?? 0) / 1000);
  const perSecond = (sorted.length / elapsedSeconds).toFixed(0);
  console.log(`| ${[name, kilobytes, callers, perSecond, p50, p95, p99, max, failures].join(' | ')} |`);
}

/** As detailed as a photo: smooth areas, edges, some noise. */
function draw(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3;
      const noise = ((x * 7919 + y * 104_729) % 13) - 6;
      const isInside = Math.hypot(x / width - 0.5, y / height - 0.5) < 0.3;
      pixels[at] = (isInside ? 190 : (120 * x) / width) + noise;
      pixels[at + 1] = (isInside ? 150 : (160 * y) / height) + noise;
      pixels[at + 2] = (isInside ? 120 : 90) + noise;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
