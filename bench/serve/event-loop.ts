import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** How long the event loop was held up, in milliseconds. Asked every millisecond, a free one says one. */
export interface EventLoopDelay {
  readonly p99Ms: number;
  readonly mostMs: number;
}

const NANOSECONDS_PER_MS = 1e6;

// Loaded into the API before everything else; whoever started it asks by a message, each time for what was since the last. It is watched from the first
// one on, for that costs time that is not the API's own.
if (isMainThread && process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  process.on('message', () => {
    delay.enable();
    process.send!({ p99Ms: delay.percentile(99) / NANOSECONDS_PER_MS, mostMs: delay.max / NANOSECONDS_PER_MS } satisfies EventLoopDelay);
    delay.reset();
  });
}
