import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { isFailure } from '../../domain/failure.ts';

/**
 * Turns an activity's Failure into an ApplicationFailure whose type is its kind and which the server tries again only if
 * the kind says that this can help. Unexpected errors go through unchanged, and are tried again.
 */
export function createFailureInterceptor(): ActivityInboundCallsInterceptor {
  return {
    async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        if (!isFailure(error)) throw error;
        throw ApplicationFailure.create({
          type: error.kind,
          message: error.message,
          nonRetryable: !error.retryable,
        });
      }
    },
  };
}
