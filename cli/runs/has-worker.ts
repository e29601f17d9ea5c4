import type { Client } from '@temporalio/client';
import { tsToDate } from '@temporalio/common/lib/time.js';

/** Workers ask for work again at least once a minute. */
const LIVELY_MS = 90_000;

/** Whether a worker has asked this queue for workflow tasks lately. */
export async function hasWorker(client: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace: client.options.namespace, taskQueue: { name: taskQueue } });
  return pollers.some(({ lastAccessTime }) => lastAccessTime != null && Date.now() - tsToDate(lastAccessTime).getTime() < LIVELY_MS);
}
