/** Bundled with the workflows and run in their sandbox, for runs that are traced. It adds headers to commands, never a command. */
import { OpenTelemetryInboundInterceptor, OpenTelemetryInternalsInterceptor, OpenTelemetryOutboundInterceptor } from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import type { WorkflowInterceptors } from '@temporalio/workflow';

/** Where the caller's span travels. */
const TRACE_HEADER = '_tracer-data';

/**
 * Spans for the run, its activities, and the signals and updates of those who are traced themselves. Not for queries, by
 * which the run is followed, nor for the progress that activities report: each would be a trace of its own.
 */
export function interceptors(): WorkflowInterceptors {
  const inbound = new OpenTelemetryInboundInterceptor();
  const outbound = new OpenTelemetryOutboundInterceptor();
  return {
    inbound: [
      {
        execute: (input, next) => inbound.execute(input, next),
        handleSignal: (input, next) => (TRACE_HEADER in input.headers ? inbound.handleSignal(input, next) : next(input)),
        handleUpdate: (input, next) => (TRACE_HEADER in input.headers ? inbound.handleUpdate(input, next) : next(input)),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => outbound.scheduleActivity(input, next),
        startChildWorkflowExecution: (input, next) => outbound.startChildWorkflowExecution(input, next),
        continueAsNew: (input, next) => outbound.continueAsNew(input, next),
        getLogAttributes: (input, next) => outbound.getLogAttributes(input, next),
      },
    ],
    internals: [new OpenTelemetryInternalsInterceptor()],
  };
}
