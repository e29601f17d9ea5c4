import type { TokenCredential } from '@azure/identity';
import { DefaultAzureCredential } from '@azure/identity';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import type { DatasetManifest, SplitManifest } from '../../../domain/dataset.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { TrainingEvent, TrainingSpec } from '../../../domain/training.ts';
import { createAssets } from './assets.ts';
import { createCluster } from './cluster.ts';
import type { EventTail, TrainingDiary } from './event-tail.ts';
import { createEventTail } from './event-tail.ts';
import { followJob } from './follow-job.ts';
import type { Job } from './jobs.ts';
import { createJobs, hasEnded } from './jobs.ts';
import { toVerdict } from './verdict.ts';
import { createWorkspace } from './workspace.ts';

export interface AzureMlComputeOptions {
  readonly settings: AzureMlSettings;
  readonly diary: TrainingDiary;
  readonly datasets: {
    readSplit(version: string): Promise<SplitManifest>;
    readDataset(version: string): Promise<DatasetManifest>;
  };
  /** Workload identity, managed identity, service principal or a person who has signed in, when not given. */
  readonly credential?: TokenCredential;
}

export interface RunOptions {
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
  /** After an abort: whether another attempt will follow the job; if not, it is cancelled. */
  readonly isWanted: () => boolean;
}

/**
 * Runs the `train` program in the trainer image as a job on an AmlCompute cluster. Jobs are named by their run: whoever
 * comes again, after a lost answer or a killed worker, finds the job and follows it. A run gets another job only when its
 * last one ended in a way that another try may mend; that goes on from the last checkpoint. A job whose low-priority node
 * is taken back is queued again by Azure ML itself, under the same name.
 */
export function createAzureMlCompute({ settings, diary, datasets, credential = new DefaultAzureCredential() }: AzureMlComputeOptions) {
  const workspace = createWorkspace({ settings, credential });
  const cluster = createCluster(workspace, settings);
  const assets = createAssets(workspace, settings);
  const jobs = createJobs(workspace, settings);

  async function submit(spec: TrainingSpec, attempt: number, { onEvent, signal }: RunOptions): Promise<Job> {
    onEvent({ type: 'waiting', message: 'cluster, environment and data are made ready' });
    const say = (message: string) => onEvent({ type: 'log', message });
    const split = await datasets.readSplit(spec.splitVersion);
    const dataset = await datasets.readDataset(split.datasetVersion);
    const location = await workspace.readLocation();
    const [identity, environmentId] = await Promise.all([
      cluster.ensure({ location, say, signal }),
      assets.ensureEnvironment(spec.gitSha),
      assets.ensureData(dataset, split),
    ]);
    signal.throwIfAborted();
    const job = await jobs.submit(spec, attempt, { environmentId, identity, datasetVersion: dataset.version });
    say(`submitted the Azure ML job ${job.name}${job.studioUrl === null ? '' : `: ${job.studioUrl}`}`);
    return job;
  }

  async function judge(job: Job, tail: EventTail, runName: string): Promise<void> {
    const verdict = toVerdict({
      job,
      failed: tail.failedSince(job.createdAt),
      spokeForMs: tail.spokeForMs(job.createdAt),
      timeoutMs: settings.jobTimeoutMs,
      log: await diary.findLog(runName),
    });
    if (verdict !== null) throw verdict;
  }

  /** The job to follow: the one that is there, or else a new one. */
  async function findOrSubmit(spec: TrainingSpec, tail: EventTail, options: RunOptions): Promise<Job> {
    const latest = await jobs.findLatest(spec.runName);
    if (latest === null) return submit(spec, 1, options);
    if (!hasEnded(latest)) {
      options.onEvent({ type: 'log', message: `follows the Azure ML job ${latest.name}, which is there already` });
      return latest;
    }
    await tail.read();
    try {
      await judge(latest, tail, spec.runName);
      return latest;
    } catch (error) {
      if (!isFailure(error) || !error.retryable) throw error;
      return submit(spec, latest.attempt + 1, options);
    }
  }

  async function end({ runName }: Pick<TrainingSpec, 'runName'>): Promise<void> {
    const latest = await jobs.findLatest(runName);
    if (latest !== null && !hasEnded(latest)) await jobs.end(latest);
  }

  return {
    /**
     * @throws Failure of the program's own kind; `training-interrupted` when the job ended without giving one, and
     *   `training-failed` when somebody or the time limit cancelled it; `access-denied` with the missing role,
     *   `capacity-missing`, `configuration-invalid`; the signal's reason when aborted, after the job has been cancelled
     *   unless it is still wanted
     */
    async run(spec: TrainingSpec, options: RunOptions): Promise<void> {
      const { onEvent, signal, isWanted } = options;
      try {
        signal.throwIfAborted();
        const tail = createEventTail(diary, spec.runName, onEvent);
        const job = await findOrSubmit(spec, tail, options);
        const ended = await followJob(job, { jobs, cluster, tail, settings, onEvent, signal });
        await judge(ended, tail, spec.runName);
      } catch (error) {
        if (!signal.aborted) throw error;
        if (!isWanted()) await end(spec);
        throw signal.reason;
      }
    },

    end,
  };
}
