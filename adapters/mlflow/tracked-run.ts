import { z } from 'zod';
import type { FailureKind } from '../../domain/failure.ts';
import { isFailure } from '../../domain/failure.ts';
import type { EpochMetrics } from '../../domain/training.ts';
import type { RestClient } from './rest-client.ts';
import { toRunNote } from './run-note.ts';
import type { TrackedTraining } from './tracked-training.ts';

/** One finished epoch, and when it was. */
export interface EpochPoint {
  readonly metrics: EpochMetrics;
  readonly atMs: number;
}

export type RunEnd = 'FINISHED' | 'FAILED' | 'KILLED';

/** The MLflow run of a training. */
export interface TrackedRun {
  /** Logs epochs; those that the run has already are left out. */
  logEpochs(points: readonly EpochPoint[], signal: AbortSignal): Promise<void>;
  end(status: RunEnd, signal: AbortSignal): Promise<void>;
}

export interface OpenRunOptions {
  readonly client: RestClient;
  readonly experimentName: string;
  /** The run to log into; null: the one of this training, which is made when it is not there. */
  readonly runId: string | null;
  /** A job's run, whose status is the service's to say. */
  readonly isJob: boolean;
  readonly training: TrackedTraining;
  readonly signal: AbortSignal;
}

/** By this tag a training finds its run again after a restart. */
const RUN_TAG = 'barometer.run';

/** What MLflow calls the figures of an epoch. */
const METRICS = {
  loss: 'loss',
  accuracy: 'accuracy',
  validation_loss: 'validationLoss',
  validation_accuracy: 'validationAccuracy',
  learning_rate: 'learningRate',
  images_per_second: 'imagesPerSecond',
} as const satisfies Record<string, keyof EpochMetrics>;
/** Servers write a batch in its order: an epoch that has this one has them all. */
const LAST_METRIC = 'images_per_second' satisfies keyof typeof METRICS;
/** MLflow takes a thousand figures in one request. */
const EPOCHS_PER_REQUEST = Math.floor(1000 / Object.keys(METRICS).length);

const nothing = z.unknown();
const runSchema = z.object({ info: z.object({ run_id: z.string(), status: z.string().optional() }) });
type Run = z.infer<typeof runSchema>['info'];
const historySchema = z.object({ metrics: z.array(z.object({ step: z.coerce.number().default(0) })).default([]), next_page_token: z.string().optional() });

/**
 * Finds the MLflow run of a training, or begins one, and says there what is trained. Can be repeated.
 *
 * @throws Failure as {@link RestClient}
 */
export async function openTrackedRun({ client, experimentName, runId, isJob, training, signal }: OpenRunOptions): Promise<TrackedRun> {
  const { spec } = training;
  const run = runId === null ? await findOrCreateRun() : (await client.get(z.object({ run: runSchema }), 'runs/get', { run_id: runId }, signal)).run.info;
  const { run_id } = run;
  if (!isJob && run.status !== 'RUNNING') await client.post(nothing, 'runs/update', { run_id, status: 'RUNNING' }, signal);
  await client.post(nothing, 'runs/log-batch', { run_id, params: toPairs({ ...spec.hyperparameters, split: spec.splitVersion }), tags: toPairs(toTags(training)) }, signal);
  await describe();
  const logged = await readLoggedEpochs();

  async function findOrCreateRun(): Promise<Run> {
    const experiment_id = await findOrCreateExperiment();
    const search = { experiment_ids: [experiment_id], filter: `tags."${RUN_TAG}" = '${spec.runName}'`, order_by: ['attributes.start_time ASC'], max_results: 1 };
    const { runs } = await client.post(z.object({ runs: z.array(runSchema).default([]) }), 'runs/search', search, signal);
    if (runs[0] !== undefined) return runs[0].info;
    const request = { experiment_id, run_name: spec.runName, start_time: Date.now(), tags: toPairs({ [RUN_TAG]: spec.runName }) };
    return (await client.post(z.object({ run: runSchema }), 'runs/create', request, signal)).run.info;
  }

  async function findOrCreateExperiment(): Promise<string> {
    return (await findExperiment()) ?? (await createExperiment()) ?? (await findOrCreateExperiment());
  }

  async function findExperiment(): Promise<string | null> {
    const answer = z.object({ experiment: z.object({ experiment_id: z.string() }) });
    const found = await client.get(answer, 'experiments/get-by-name', { experiment_name: experimentName }, signal).catch(toNullIf('not-found'));
    return found?.experiment.experiment_id ?? null;
  }

  /** Null when another training was quicker. */
  async function createExperiment(): Promise<string | null> {
    const made = await client.post(z.object({ experiment_id: z.string() }), 'experiments/create', { name: experimentName }, signal).catch(toNullIf('write-conflict'));
    return made?.experiment_id ?? null;
  }

  /** For people only: a server that does not take it still gets the figures. */
  async function describe(): Promise<void> {
    const tags = toPairs({ 'mlflow.note.content': toRunNote(training) });
    await client.post(nothing, 'runs/log-batch', { run_id, tags }, signal).catch(toNullIf('input-invalid'));
  }

  async function readLoggedEpochs(): Promise<Set<number>> {
    const epochs = new Set<number>();
    let page_token: string | undefined;
    do {
      const query = { run_id, metric_key: LAST_METRIC, ...(page_token === undefined ? {} : { page_token }) };
      const page: z.infer<typeof historySchema> = await client.get(historySchema, 'metrics/get-history', query, signal);
      for (const { step } of page.metrics) epochs.add(step);
      page_token = page.next_page_token || undefined;
    } while (page_token !== undefined);
    return epochs;
  }

  return {
    async logEpochs(points, requestSignal) {
      const missing = points.filter(({ metrics }) => !logged.has(metrics.epoch));
      for (let start = 0; start < missing.length; start += EPOCHS_PER_REQUEST) {
        const batch = missing.slice(start, start + EPOCHS_PER_REQUEST);
        await client.post(nothing, 'runs/log-batch', { run_id, metrics: batch.flatMap(toMetrics) }, requestSignal);
        for (const { metrics } of batch) logged.add(metrics.epoch);
      }
    },
    async end(status, requestSignal) {
      if (!isJob) await client.post(nothing, 'runs/update', { run_id, status, end_time: Date.now() }, requestSignal);
    },
  };
}

function toNullIf(kind: FailureKind): (error: unknown) => null {
  return (error) => {
    if (isFailure(error, kind)) return null;
    throw error;
  };
}

function toTags({ spec, datasetVersion }: TrackedTraining): Record<string, string> {
  return {
    [RUN_TAG]: spec.runName,
    'barometer.git-sha': spec.gitSha,
    'barometer.dataset': datasetVersion,
    'barometer.split': spec.splitVersion,
    // Where MLflow's own page looks for the commit.
    'mlflow.source.git.commit': spec.gitSha,
    'mlflow.source.name': 'barometer',
  };
}

function toPairs(values: Readonly<Record<string, string | number>>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}

function toMetrics({ metrics, atMs }: EpochPoint) {
  return Object.entries(METRICS).map(([key, name]) => ({ key, value: metrics[name], timestamp: atMs, step: metrics.epoch }));
}
