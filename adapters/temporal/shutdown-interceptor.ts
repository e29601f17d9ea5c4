import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityExecuteInput, Next } from '@temporalio/worker';

/** The type of the failure with which a worker that ends gives an activity back. */
export const WORKER_SHUTDOWN = 'worker-shutdown';

/**
 * Lets the server give an activity to another worker at once when this one is told to end and the activity could not be finished
 * in time. Whatever the activity ended with then: what was cut short tells nothing about the work itself. Being cancelled
 * by the run is something else, and stays it.
 */
export function createShutdownInterceptor(context: Pick<Context, 'cancellationSignal' | 'cancellationDetails'>): ActivityInboundCallsInterceptor {
  return {
    async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        const { cancellationSignal, cancellationDetails } = context;
        const isHandedOver = cancellationSignal.aborted && cancellationDetails?.workerShutdown === true && !cancellationDetails.cancelRequested;
        if (!isHandedOver) throw error;
        throw ApplicationFailure.create({
          type: WORKER_SHUTDOWN,
          message: 'The worker was told to end before this was done; another one goes on with it.',
          // Not what the waits between attempts are for: nothing is wrong.
          nextRetryDelay: 1,
          category: ApplicationFailureCategory.BENIGN,
        });
      }
    },
  };
}
