import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { isFailure } from '../../domain/failure.ts';

/** Where causes are noted; an activity's own logger fits. */
export interface FailureLog {
  warn(message: string, details: Record<string, unknown>): void;
}

/**
 * Turns an activity's Failure into an ApplicationFailure whose type is its kind and which the server tries again only if
 * the kind says that this can help. How long the one who failed wants to be left alone is in its details, too: a workflow that tries again by
 * itself is not shown the server's delay. What a vendor said stays in this process's log. Unexpected errors go through
 * unchanged, and are tried again.
 */
export function createFailureInterceptor(log: FailureLog): ActivityInboundCallsInterceptor {
  return {
    async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (error.cause !== undefined) log.warn('a step failed', { kind: error.kind, cause: error.cause });
        throw ApplicationFailure.create({
          type: error.kind,
          message: error.message,
          nonRetryable: !error.retryable,
          ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs, details: [{ retryAfterMs: error.retryAfterMs }] }),
        });
      }
    },
  };
}
