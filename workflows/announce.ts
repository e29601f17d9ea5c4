import { CancellationScope, ChildWorkflowCancellationType, log, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { toNotificationId, toNotificationWorkflowId } from '../domain/names.ts';
import type { Announcement, NotificationEvent } from '../domain/notification.ts';
import { toAnnouncement } from '../domain/notification.ts';
import type { PipelineStep } from '../domain/pipeline.ts';
import type { RunState } from '../domain/run-state.ts';
import { targets } from './activity-proxies.ts';
import { deliverNotification } from './deliver-notification.ts';
import { toRootMessage } from './root-message.ts';

/** What the run's state does not say by itself. */
export interface AnnouncementDetails {
  readonly step?: PipelineStep;
  readonly reason?: string;
}

/**
 * Has everybody told who wants to know, each by a workflow of its own that outlives the run. Also in a run that is being
 * cancelled. Never fails: what can't be announced is logged, and the run goes on.
 */
export async function announce(state: RunState, event: NotificationEvent, details: AnnouncementDetails = {}): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      const { workflowId, runId } = workflowInfo();
      const announcement = toAnnouncement(state, event, { at: new Date().toISOString(), workflowId, runId, ...details });
      const names = await targets.findTargets({ event });
      await Promise.all(names.map(async (target) => startDelivery(target, announcement)));
    } catch (error) {
      log.warn('could not announce', { event, reason: toRootMessage(error) });
    }
  });
}

/** Once for each event of a run: started a second time, after the run was reset, there is nothing new to tell. */
async function startDelivery(target: string, announcement: Announcement): Promise<void> {
  const { event, run } = announcement;
  try {
    await startChild(deliverNotification, {
      workflowId: toNotificationWorkflowId(toNotificationId(run.name, event, target)),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${event} of ${run.name} to ${target}`,
      args: [{ target, announcement }],
    });
  } catch (error) {
    log.warn('could not begin to deliver', { event, target, reason: toRootMessage(error) });
  }
}
