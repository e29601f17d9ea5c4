import { setTimeout as wait } from 'node:timers/promises';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import type { TrainingEvent } from '../../../domain/training.ts';
import type { Cluster, ClusterNodes } from './cluster.ts';
import type { EventTail } from './event-tail.ts';
import type { Job, Jobs } from './jobs.ts';
import { hasEnded } from './jobs.ts';

export interface FollowOptions {
  readonly jobs: Pick<Jobs, 'read' | 'end'>;
  readonly cluster: Pick<Cluster, 'readNodes'>;
  readonly tail: Pick<EventTail, 'read'>;
  readonly settings: Pick<AzureMlSettings, 'pollMs' | 'queueTimeoutMs' | 'cluster' | 'vmSize'>;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

/** A job goes on when nobody looks: looking may fail for this long. */
const OUTAGE_LIMIT_MS = 600_000;
/** Another cluster may be about to give its cores back. */
const QUOTA_PATIENCE_MS = 900_000;

/**
 * Looks at a job until it has ended, and says what it waits for and what the program says.
 *
 * @returns the job after its end, however it ended
 * @throws Failure `capacity-missing` when it waited too long for a node, after it has been cancelled; the signal's reason when aborted
 */
export async function followJob(started: Job, options: FollowOptions): Promise<Job> {
  const { jobs, tail, settings, onEvent, signal } = options;
  let job = started;
  let outageSince: number | null = null;
  let waitingSince = started.createdAt.getTime();
  let said = '';

  function say(message: string): void {
    if (message !== said) onEvent({ type: 'waiting', message });
    said = message;
  }

  async function look(): Promise<void> {
    job = await jobs.read(job);
    await tail.read();
    if (job.phase === 'running') {
      waitingSince = Date.now();
      said = '';
    }
    if (job.phase === 'preparing') say('the node gets its image');
    if (job.phase === 'queued') await lookAtQueue();
  }

  async function lookAtQueue(): Promise<void> {
    const nodes = await options.cluster.readNodes();
    const waitedMs = Date.now() - waitingSince;
    say(toQueueNote(nodes));
    if (waitedMs < (nodes.isOverQuota && nodes.up === 0 ? Math.min(QUOTA_PATIENCE_MS, settings.queueTimeoutMs) : settings.queueTimeoutMs)) return;
    await jobs.end(job);
    throw toCapacityFailure(job, nodes, waitedMs, settings);
  }

  for (;;) {
    try {
      await look();
      outageSince = null;
    } catch (error) {
      if (!isFailure(error, 'dependency-unavailable')) throw error;
      outageSince ??= Date.now();
      if (Date.now() - outageSince > OUTAGE_LIMIT_MS) throw error;
    }
    if (outageSince === null && hasEnded(job)) return job;
    signal.throwIfAborted();
    await wait(settings.pollMs, undefined, { signal });
  }
}

function toQueueNote({ up, most, starting, isOverQuota }: ClusterNodes): string {
  const growing = starting === 0 ? '' : `, ${starting} starting`;
  return `queued, ${up} of ${most} nodes up${growing}${isOverQuota ? '; the quota keeps the cluster from growing' : ''}`;
}

function toCapacityFailure({ name }: Job, { isOverQuota }: ClusterNodes, waitedMs: number, { cluster, vmSize }: FollowOptions['settings']): Failure {
  const waited = waitedMs < 3_600_000 ? `${Math.ceil(waitedMs / 60_000)} minutes` : `${(waitedMs / 3_600_000).toFixed(1)} hours`;
  const gotNone = `The Azure ML job ${name} got no node of ${cluster} in ${waited} and was cancelled`;
  if (isOverQuota) return new Failure('capacity-missing', `${gotNone}: the quota for ${vmSize} is used up. Ask for more vCPUs in the studio under "Quota", or end what uses them.`);
  return new Failure('capacity-missing', `${gotNone}. The region may have none of ${vmSize} left: choose another BAROMETER_AZURE_ML_VM_SIZE, dedicated nodes, or a longer BAROMETER_AZURE_ML_QUEUE_HOURS.`);
}
