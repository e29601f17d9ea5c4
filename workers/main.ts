import { activityInfo, Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { hostname } from 'node:os';
import { createStores } from '../adapters/blob-storage/stores.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import { toDataConverter, toFailureConverter } from '../adapters/temporal/data-converter.ts';
import { startTemporalTracing } from '../adapters/telemetry/start-temporal-tracing.ts';
import type { TemporalTracing } from '../adapters/telemetry/tracing.ts';
import { createFailureInterceptor } from '../adapters/temporal/failure-interceptor.ts';
import { installRuntime } from '../adapters/temporal/runtime.ts';
import { ensureSearchAttributes } from '../adapters/temporal/search-attributes.ts';
import { createShutdownInterceptor } from '../adapters/temporal/shutdown-interceptor.ts';
import { connectWorkers } from '../adapters/temporal/worker-connection.ts';
import type { PolledQueue } from '../adapters/temporal/worker-versions.ts';
import { greyPngCodec } from '../adapters/vision/grey-png.ts';
import type { Config } from '../config/config.ts';
import { MOST_CANDIDATES } from '../domain/candidates.ts';
import type { WorkerRole } from '../domain/names.ts';
import { toTaskQueue, toTrainingQueue } from '../domain/names.ts';
import { SEARCH_ATTRIBUTES, stepProgressSignal } from '../workflows/contract.ts';
import { createActivities } from './activities.ts';
import { countWork } from './work-metrics.ts';
import { createVersioning } from './versioning.ts';
import { bundleWorkflows } from './workflow-bundle.ts';

export interface RunWorkerOptions {
  readonly config: Config;
  readonly roles: readonly WorkerRole[];
  /** Aborting it ends the worker: activities get a moment to finish or to leave a checkpoint. */
  readonly signal: AbortSignal;
  /** Called when every role polls. */
  readonly onReady?: () => void;
}

/** The task queues of a role, and how many of their activities run at a time in one process. */
const QUEUES: Readonly<Record<WorkerRole, Readonly<Record<string, number>>>> = {
  pipeline: { [toTaskQueue('pipeline')]: 10 },
  data: { [toTaskQueue('data')]: 4 },
  // A training fills a machine by itself; one that goes on elsewhere is only watched.
  train: { [toTrainingQueue('local')]: 1, [toTrainingQueue('azure-ml')]: MOST_CANDIDATES },
  deploy: { [toTaskQueue('deploy')]: 1 },
};

/**
 * Works for the given roles until the signal is aborted.
 *
 * @throws Failure `dependency-unavailable` when Temporal or the storage account can't be reached
 */
export async function runWorker({ config, roles, signal, onReady }: RunWorkerOptions): Promise<void> {
  installRuntime(config.logLevel, config.telemetry.workerMetrics);
  const tracing = await startTemporalTracing(config.telemetry.tracing, { name: 'barometer-worker', version: config.code.gitSha, warn: console.warn });
  const { namespace, payloadKeys } = config.temporal;
  const versioning = await createVersioning(config, console.warn, signal);
  const stores = createStores(config.storage, greyPngCodec);
  await stores.blobs.ensureContainers();
  const temporal = await connectTemporal(config.temporal);
  try {
    await ensureSearchAttributes(temporal, namespace, Object.values(SEARCH_ATTRIBUTES));
    const activities = createActivities({ config, stores, reportProgress, tracing });
    const connection = await connectWorkers(config.temporal);
    const workers: Worker[] = [];
    for (const role of roles) {
      for (const [taskQueue, concurrency] of Object.entries(QUEUES[role])) {
        const options = { connection, namespace, taskQueue, dataConverter: toDataConverter(payloadKeys), ...(await toOptions(role, concurrency, tracing, payloadKeys)), activities: activities[role], shutdownGraceTime: config.workers.shutdownGraceMs, ...versioning.options };
        workers.push(await Worker.create(options));
      }
    }
    const stop = () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    signal.addEventListener('abort', stop, { once: true });
    const running = Promise.all(workers.map((worker) => worker.run()));
    if (signal.aborted) stop();
    await Promise.race([versioning.begin(temporal, workers.flatMap(toPolled)), running]);
    onReady?.();
    // When one role fails the others can't stay behind unnoticed.
    await running.finally(stop);
    await connection.close();
  } finally {
    await temporal.close();
    await tracing.end();
  }
}

/** All workers have activities; some have workflows, too. */
function toPolled({ options: { taskQueue: name, workflowBundle } }: Worker): PolledQueue[] {
  return [{ name, type: 'activity' }, ...(workflowBundle === undefined ? [] : [{ name, type: 'workflow' } as const])];
}

/** What a worker says when it polls: its roles, and where its metrics are. */
export function toReadyText(roles: readonly WorkerRole[], { telemetry: { workerMetrics } }: Pick<Config, 'telemetry'>): string {
  return [`Worker ready: ${roles.join(', ')}.`, ...(workerMetrics === null ? [] : [`Metrics at http://${workerMetrics.text}/metrics`])].join('\n');
}

async function toOptions(role: WorkerRole, concurrency: number, { worker: tracing }: TemporalTracing, payloadKeys: Config['temporal']['payloadKeys']): Promise<Omit<WorkerOptions, 'taskQueue'>> {
  return {
    // In a container every process has the same id.
    identity: `${role}-${process.pid}@${hostname()}`,
    interceptors: { activity: [...tracing.activity, (context) => ({ inbound: createShutdownInterceptor(context) }), ({ log }) => ({ inbound: createFailureInterceptor(log) }), countWork] },
    sinks: tracing.sinks,
    maxConcurrentActivityTaskExecutions: concurrency,
    // A cancellation comes with the answer to a heartbeat: throttled to two seconds, it comes within seconds.
    maxHeartbeatThrottleInterval: '2 seconds',
    ...(role === 'pipeline' ? { workflowBundle: await bundleWorkflows(tracing.workflowModules, toFailureConverter(payloadKeys)) } : {}),
  };
}

/** Sent to the workflow that the current activity belongs to. */
async function reportProgress(note: string): Promise<void> {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) return;
  const handle = Context.current().client.workflow.getHandle(workflowExecution.workflowId, workflowExecution.runId);
  await handle.signal(stepProgressSignal, { step: 'train', note });
}
