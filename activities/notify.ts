import { Context } from '@temporalio/activity';
import { Failure } from '../domain/failure.ts';
import { toNotificationId } from '../domain/names.ts';
import type { Announcement, Notification, NotificationEvent } from '../domain/notification.ts';

/** Somebody who is told of runs. */
export interface NotificationTarget {
  readonly name: string;
  /** @throws Failure `dependency-unavailable`, `delivery-refused` */
  send(notification: Notification, signal: AbortSignal): Promise<unknown>;
}

export interface NotifyDependencies {
  readonly targets: readonly NotificationTarget[];
  /** What the targets want to hear of. */
  readonly events: readonly NotificationEvent[];
  /** Where people watch a run. */
  readonly toRunUrl: (run: { readonly workflowId: string; readonly runId: string }) => string;
}

export interface DeliverRequest {
  /** One of those that `findTargets` named. */
  readonly target: string;
  readonly announcement: Announcement;
}

export type NotifyActivities = ReturnType<typeof createNotifyActivities>;

export function createNotifyActivities({ targets, events, toRunUrl }: NotifyDependencies) {
  return {
    /** The names of those who are to be told of such an event. */
    async findTargets({ event }: { readonly event: NotificationEvent }): Promise<string[]> {
      return events.includes(event) ? targets.map(({ name }) => name) : [];
    },

    /** Tells one of them. Another attempt sends the very same under the same id. */
    async deliver({ target: name, announcement }: DeliverRequest): Promise<void> {
      const target = targets.find((each) => each.name === name);
      if (target === undefined) throw new Failure('configuration-invalid', `The workers' settings name no "${name}" any more to send notifications to.`);
      const { run, event } = announcement;
      const notification = { ...announcement, id: toNotificationId(run.name, event, name), run: { ...run, url: toRunUrl(run) } };
      await target.send(notification, Context.current().cancellationSignal);
    },
  };
}
