import { Context } from '@temporalio/activity';

/** The work of an activity that only ends by being cancelled: heartbeats, which is how it hears of that. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const heartbeat = setInterval(() => { context.heartbeat(); }, 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(heartbeat);
  }
}
