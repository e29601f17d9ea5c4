import { sleep } from '@temporalio/workflow';
import type { NotificationEvent } from '../../domain/notification.ts';
import type { RunState } from '../../domain/run-state.ts';
import { announce } from '../../workflows/announce.ts';

export { deliverNotification } from '../../workflows/deliver-notification.ts';

/** A run that does nothing but announce its end; `cancelled` when it is. */
export async function announcingRun(state: RunState, event: NotificationEvent, how: 'at-once' | 'when-cancelled' = 'at-once'): Promise<void> {
  if (how === 'at-once') return announce(state, event);
  try {
    await sleep('1 hour');
  } finally {
    await announce(state, 'cancelled');
  }
}
