import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createFailureInterceptor } from '../../adapters/temporal/failure-interceptor.ts';
import { toTaskQueue, toTrainingQueue, WORKER_ROLES } from '../../domain/names.ts';
import { bundleWorkflows } from '../../workers/workflow-bundle.ts';
import type { PipelineActivities } from './fake-activities.ts';

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflow code as workers run it; bundled once for all tests of a process. */
export function bundleForTests(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflows();
  return bundle;
}

/** Other workflows than those. */
export function bundleWorkflowsOf(file: URL): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(file),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
  });
}

/** Runs `work` while a worker for every role stands by, with these activities; ends them afterwards. */
export async function withWorkers<T>(
  env: TestWorkflowEnvironment,
  activities: PipelineActivities,
  work: () => Promise<T>,
  bundled: Promise<WorkflowBundleWithSourceMap> = bundleForTests(),
): Promise<T> {
  const workflowBundle = await bundled;
  const workers: Worker[] = [];
  for (const taskQueue of [...WORKER_ROLES.map(toTaskQueue), toTrainingQueue('azure-ml')]) {
    workers.push(
      await Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        interceptors: { activity: [({ log }) => ({ inbound: createFailureInterceptor(log) })] },
        maxHeartbeatThrottleInterval: '200 milliseconds',
        activities,
        ...(taskQueue === toTaskQueue('pipeline') ? { workflowBundle } : {}),
      }),
    );
  }
  const running = workers.map((worker) => worker.run());
  try {
    return await work();
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}
