/** What the workflow bundle holds: one export a workflow type. */
export { pipeline } from './pipeline.ts';
export { deliverNotification } from './deliver-notification.ts';
export { moodAlert } from './mood-alert.ts';
export { scheduledRun } from './scheduled-run.ts';
