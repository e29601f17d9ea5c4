import type { JobProcess } from './job-process.ts';
import { startJobProcess } from './job-process.ts';
import type { NodePool, Work } from './node-pool.ts';

export type JobStatus = 'Starting' | 'Queued' | 'Preparing' | 'Running' | 'Finalizing' | 'CancelRequested' | 'Canceled' | 'Completed' | 'Failed';

/** Properties of a job as they were sent. */
export interface JobProperties {
  readonly command: string;
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly computeId: string;
  readonly environmentId: string;
  readonly limits?: { readonly timeout?: string };
  readonly tags?: Readonly<Record<string, string>>;
}

export interface QueuedJob {
  readonly name: string;
  readonly properties: JobProperties;
  readonly createdAt: Date;
  status: JobStatus;
  /** How often its program was started. */
  starts: number;
}

export interface JobQueue {
  submit(name: string, properties: JobProperties, pool: NodePool): void;
  find(name: string): QueuedJob | undefined;
  all(): QueuedJob[];
  cancel(name: string): void;
  /** Takes the node of a running job away; the job is queued again, or fails where Azure ML gives up. */
  preempt(name: string, options?: { readonly isRequeued?: boolean }): void;
  output(name: string): string;
  stop(): Promise<void>;
}

export interface JobQueueOptions {
  /** What a job's program finds in its environment besides what the job says, and instead of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long a second of the service lasts here. */
  readonly secondMs: number;
}

interface Entry extends QueuedJob {
  readonly pool: NodePool;
  readonly work: Work;
  process: JobProcess | null;
  printed: string;
  /** What becomes of it when its process, which was told to end, has ended. */
  next: 'requeue' | 'fail' | 'cancel' | null;
}

const ENDED: readonly JobStatus[] = ['Canceled', 'Completed', 'Failed'];
const PREPARATION_SECONDS = 1;

/** Runs jobs on nodes, and keeps what the service would say of them. */
export function createJobQueue({ environment, secondMs }: JobQueueOptions): JobQueue {
  const jobs = new Map<string, Entry>();
  const timers = new Set<NodeJS.Timeout>();
  let isStopped = false;

  function after(seconds: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(act, seconds * secondMs);
    timers.add(timer);
    return timer;
  }

  function prepare(job: Entry): void {
    job.status = 'Preparing';
    after(PREPARATION_SECONDS, () => {
      if (job.status === 'Preparing' && !isStopped) void run(job);
    });
  }

  async function run(job: Entry): Promise<void> {
    const { properties } = job;
    job.status = 'Running';
    job.starts += 1;
    job.process = startJobProcess(properties.command, { ...properties.environmentVariables, ...environment, AZUREML_RUN_ID: job.name });
    const limit = after(toSeconds(properties.limits?.timeout ?? 'P30D'), () => {
      end(job, 'cancel', 'SIGTERM');
    });
    const code = await job.process.ended;
    clearTimeout(limit);
    job.printed += job.process.output();
    job.process = null;
    conclude(job, code);
  }

  function conclude(job: Entry, code: number | null): void {
    const { next } = job;
    job.next = null;
    if (next === 'requeue' && !isStopped) {
      job.status = 'Queued';
      job.pool.request(job.work);
      return;
    }
    job.pool.release(job.work);
    if (next === 'cancel') job.status = 'Canceled';
    else job.status = code === 0 && next === null ? 'Completed' : 'Failed';
  }

  function end(job: Entry, next: Entry['next'], signal: NodeJS.Signals): void {
    job.next = next;
    if (next === 'cancel') job.status = 'CancelRequested';
    if (job.process !== null) job.process.kill(signal);
    else after(PREPARATION_SECONDS, () => { conclude(job, null); });
  }

  function read(name: string): Entry {
    const job = jobs.get(name);
    if (job === undefined) throw new Error(`There is no job ${name}.`);
    return job;
  }

  return {
    submit(name, properties, pool) {
      const job: Entry = {
        name,
        properties,
        pool,
        createdAt: new Date(),
        status: 'Starting',
        starts: 0,
        work: { start: () => { prepare(job); } },
        process: null,
        printed: '',
        next: null,
      };
      jobs.set(name, job);
      after(PREPARATION_SECONDS, () => {
        if (job.status !== 'Starting') return;
        job.status = 'Queued';
        pool.request(job.work);
      });
    },
    find: (name) => jobs.get(name),
    all: () => [...jobs.values()],
    cancel(name) {
      const job = read(name);
      if (!ENDED.includes(job.status) && job.status !== 'CancelRequested') end(job, 'cancel', 'SIGTERM');
    },
    preempt(name, { isRequeued = true } = {}) {
      const job = read(name);
      job.pool.preempt(job.work);
      end(job, isRequeued ? 'requeue' : 'fail', 'SIGKILL');
    },
    output: (name) => read(name).printed + (read(name).process?.output() ?? ''),
    async stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      const running = [...jobs.values()].flatMap(({ process }) => (process === null ? [] : [process]));
      for (const each of running) each.kill('SIGKILL');
      await Promise.all(running.map(({ ended }) => ended));
    },
  };
}

/** `PT10M` as 600. Months and years don't occur. */
export function toSeconds(duration: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
