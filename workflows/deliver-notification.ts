import { ApplicationFailure, isCancellation, setCurrentDetails } from '@temporalio/workflow';
import type { DeliverRequest } from '../activities/notify.ts';
import { notifying } from './activity-proxies.ts';
import { toRootMessage } from './root-message.ts';

/**
 * Tells one receiver of one event, however long it is away: its run has ended by then.
 *
 * @throws ApplicationFailure `notification-undelivered` when the receiver turned it down, or was away for a day
 */
export async function deliverNotification(request: DeliverRequest): Promise<void> {
  const { target, announcement } = request;
  const what = `"${announcement.event}" of run ${announcement.run.name} to ${target}`;
  setCurrentDetails(`Delivers ${what}; tries for a day.`);
  try {
    await notifying.deliver.executeWithOptions({ summary: target }, [request]);
    setCurrentDetails(`Delivered ${what}.`);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const message = `Could not deliver ${what}: ${toRootMessage(error)}`;
    setCurrentDetails(message);
    throw ApplicationFailure.nonRetryable(message, 'notification-undelivered');
  }
}
