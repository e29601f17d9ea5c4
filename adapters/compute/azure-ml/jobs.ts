import { setTimeout as wait } from 'node:timers/promises';
import type { CommandJob, JobBase } from '@azure/arm-machinelearning';
import type { AzureMlSettings } from '../../../config/azure-ml.ts';
import { Failure } from '../../../domain/failure.ts';
import type { TrainingSpec } from '../../../domain/training.ts';
import { ROLES } from './azure-ml-failure.ts';
import type { ClusterIdentity } from './cluster.ts';
import { EXPERIMENT_NAME, toJobName } from './names.ts';
import type { Workspace } from './workspace.ts';

/** What a job is doing, of all that the service can say. */
export type JobPhase = 'queued' | 'preparing' | 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled';

export interface Job {
  readonly name: string;
  /** Counts the jobs of the run from 1. */
  readonly attempt: number;
  readonly phase: JobPhase;
  readonly createdAt: Date;
  /** Where a person looks at it; null when the service did not say. */
  readonly studioUrl: string | null;
}

export interface Jobs {
  /** The newest job of a run; null when there is none. @throws Failure `configuration-invalid` when the name is somebody else's */
  findLatest(runName: string): Promise<Job | null>;
  /** The job as it is now. */
  read(job: Job): Promise<Job>;
  /** Submits a job that trains the spec, unless that job is there already. */
  submit(spec: TrainingSpec, attempt: number, surroundings: JobSurroundings): Promise<Job>;
  /** Cancels a job and waits until it has ended, however it ends. */
  end(job: Job): Promise<void>;
}

export interface JobSurroundings {
  readonly environmentId: string;
  readonly identity: ClusterIdentity;
  readonly datasetVersion: string;
}

const PHASES: Readonly<Record<string, JobPhase>> = {
  NotStarted: 'queued',
  Starting: 'queued',
  Provisioning: 'queued',
  Queued: 'queued',
  Preparing: 'preparing',
  CancelRequested: 'cancelling',
  Completed: 'completed',
  Failed: 'failed',
  Canceled: 'cancelled',
};

/** Where the program lies in the trainer image (docker/trainer). A job begins in a directory of Azure ML's own. */
const IMAGE_HOME = '/app';
const END_LIMIT_MS = 600_000;

export function hasEnded({ phase }: Job): boolean {
  return phase === 'completed' || phase === 'failed' || phase === 'cancelled';
}

export function createJobs(workspace: Workspace, settings: AzureMlSettings): Jobs {
  const { api, scope } = workspace;

  async function find(runName: string, attempt: number): Promise<Job | null> {
    const name = toJobName(runName, attempt);
    const found = await workspace.find({ what: `the job ${name}`, role: ROLES.work }, (options) => api.jobs.get(...scope, name, options));
    if (found === null) return null;
    if (found.properties.tags?.['run'] !== runName) {
      throw new Failure('configuration-invalid', `The workspace has a job ${name} that is not of run ${runName}: it is somebody else's. Use another workspace.`);
    }
    return toJob(found, name, attempt);
  }

  async function findLatest(runName: string): Promise<Job | null> {
    let latest: Job | null = null;
    for (let attempt = 1; ; attempt += 1) {
      const next = await find(runName, attempt);
      if (next === null) return latest;
      latest = next;
    }
  }

  async function read({ name, attempt }: Job): Promise<Job> {
    return toJob(await workspace.call({ what: `the job ${name}`, role: ROLES.work }, (options) => api.jobs.get(...scope, name, options)), name, attempt);
  }

  return {
    findLatest,
    read,

    async submit(spec, attempt, surroundings) {
      const name = toJobName(spec.runName, attempt);
      const body: JobBase = { properties: toCommandJob(workspace, settings, spec, surroundings) };
      try {
        return toJob(await workspace.call({ what: `the job ${name}`, role: ROLES.work }, (options) => api.jobs.createOrUpdate(...scope, name, body, options)), name, attempt);
      } catch (error) {
        // The answer may have been lost, and the same request refused as a change of the job that it made.
        const submitted = await find(spec.runName, attempt).catch(() => null);
        if (submitted !== null) return submitted;
        throw error;
      }
    },

    async end(job) {
      const { name } = job;
      const deadline = Date.now() + END_LIMIT_MS;
      try {
        await workspace.call({ what: `the end of the job ${name}`, role: ROLES.work }, (options) => api.jobs.beginCancel(...scope, name, options));
      } catch (error) {
        // Refused where the job has ended by itself, or was told before by a request whose answer was lost.
        const now = await read(job);
        if (!hasEnded(now) && now.phase !== 'cancelling') throw error;
      }
      while (!hasEnded(await read(job))) {
        if (Date.now() > deadline) throw new Failure('dependency-unavailable', `Azure ML did not cancel the job ${name} in time: cancel it in the studio.`);
        await wait(settings.pollMs);
      }
    },
  };
}

function toJob({ properties, systemData }: JobBase, name: string, attempt: number): Job {
  return {
    name,
    attempt,
    phase: PHASES[properties.status ?? ''] ?? 'running',
    createdAt: systemData?.createdAt ?? new Date(0),
    studioUrl: properties.services?.['Studio']?.endpoint ?? null,
  };
}

function toCommandJob(workspace: Workspace, settings: AzureMlSettings, spec: TrainingSpec, { environmentId, identity, datasetVersion }: JobSurroundings): CommandJob {
  const { clientId } = identity;
  return {
    jobType: 'Command',
    displayName: spec.runName,
    experimentName: EXPERIMENT_NAME,
    description: `Trains the network of run ${spec.runName}`,
    // The same program that trains on one machine; the shell gives its place to it, so that signals arrive.
    command: `cd "$BAROMETER_HOME" && exec node workers/train.ts --run ${spec.runName}`,
    environmentId,
    computeId: workspace.toId(`computes/${settings.cluster}`),
    identity: clientId === null ? { identityType: 'Managed' } : { identityType: 'Managed', clientId },
    environmentVariables: {
      BAROMETER_HOME: IMAGE_HOME,
      BAROMETER_STORAGE_ACCOUNT_URL: settings.storageAccountUrl,
      // DefaultAzureCredential takes the identity of this id.
      ...(clientId === null ? {} : { AZURE_CLIENT_ID: clientId }),
    },
    resources: { instanceCount: 1 },
    limits: { jobLimitsType: 'Command', timeout: `PT${Math.ceil(settings.jobTimeoutMs / 1000)}S` },
    tags: { run: spec.runName, 'git-sha': spec.gitSha, 'dataset-version': datasetVersion, 'split-version': spec.splitVersion },
  };
}
