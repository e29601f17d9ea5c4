import { Context } from '@temporalio/activity';

/** Often enough for the server to notice a dead worker, and for a cancellation to arrive, within seconds. */
const HEARTBEAT_INTERVAL_MS = 2_000;

/**
 * Does the work of an activity while telling the server that it is alive, also where a single request takes long. What was
 * last reported shows as details of the pending activity in the UI.
 *
 * @throws whatever the work throws
 */
export async function withHeartbeat<T>(work: (report: (details: unknown) => void, signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  let details: unknown;
  const timer = setInterval(() => {
    context.heartbeat(details);
  }, HEARTBEAT_INTERVAL_MS);
  function report(newer: unknown): void {
    details = newer;
    context.heartbeat(details);
  }
  try {
    return await work(report, context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
