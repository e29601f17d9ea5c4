import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';

/** The sentence at the bottom of a chain of failures: what really went wrong, in words written for people. */
export function toRootMessage(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure) {
    // Tried until the time was up: what the last try failed with says more than that it was up.
    if (error.cause.cause !== undefined) return toRootMessage(error.cause.cause);
    return `No worker finished ${error.activityType} in time (${error.cause.timeoutType}); is a worker of its role running?`;
  }
  if (error instanceof ApplicationFailure) return error.message;
  if (error instanceof Error) return error.cause === undefined ? error.message : toRootMessage(error.cause);
  return String(error);
}
