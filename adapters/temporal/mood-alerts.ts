import type { TemporalAccess } from '../../config/temporal.ts';
import type { MoodAlertInput } from '../../domain/mood-alert.ts';
import { MOOD_ALERT_WORKFLOW, toMoodAlertWorkflowId, toTaskQueue } from '../../domain/names.ts';
import { toPercent } from '../../domain/wording.ts';
import { connectTemporal } from './connection.ts';
import { toServiceFailure } from './service-failure.ts';

export interface TemporalMoodAlerts {
  /** Joins the alert of the same rule that has not cooled down, where there is one. @throws Failure `dependency-unavailable`, `access-denied`, `configuration-invalid` */
  start(alert: MoodAlertInput): Promise<void>;
  close(): Promise<void>;
}

const START_LIMIT_MS = 5_000;

/**
 * Has alerts of venues delivered by the workers.
 *
 * @throws Failure as `connectTemporal` does
 */
export async function openMoodAlerts(access: TemporalAccess): Promise<TemporalMoodAlerts> {
  const { client, close } = await connectTemporal(access);
  return {
    async start(alert) {
      const { venue, rule, share } = alert;
      const start = () =>
        client.workflow.start(MOOD_ALERT_WORKFLOW, {
          workflowId: toMoodAlertWorkflowId(venue, rule.id),
          taskQueue: toTaskQueue('pipeline'),
          args: [alert],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `${rule.emotion} share ${toPercent(share)} at ${venue}`,
        });
      try {
        await client.withDeadline(Date.now() + START_LIMIT_MS, start);
      } catch (error) {
        throw toServiceFailure(error, access);
      }
    },
    close,
  };
}
