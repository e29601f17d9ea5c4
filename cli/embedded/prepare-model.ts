import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import type { Stores } from '../../adapters/blob-storage/stores.ts';
import type { Config } from '../../config/config.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { CONTAINERS, toRunUrl } from '../../domain/names.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import { toPercent, toTotal } from '../../domain/wording.ts';
import { predictBytes } from '../api-client.ts';
import { hasUncommittedChanges, readHead } from '../git.ts';
import { importWithProgress, toImportSummary } from '../import-with-progress.ts';
import type { CountedSource } from '../import-source.ts';
import { openStores } from '../open-stores.ts';
import { createRunBoard } from '../output/run-board.ts';
import { toRunSummary } from '../output/run-summary.ts';
import { followRun, startPipeline } from '../pipeline-runs.ts';
import { withTemporal } from '../with-temporal.ts';
import { waitForModel } from './wait-for-model.ts';

export interface PrepareOptions {
  readonly config: Config;
  /** Images to import; the drawn demo set when not given and there is nothing yet. */
  readonly source?: CountedSource;
  /** Whose commit the run is named by. */
  readonly repository: string;
  readonly signal: AbortSignal;
}

const DEMO = { perLabel: 200, seed: 1 } as const;
/** Draws other faces than the training saw. */
const UNSEEN_DEMO = { perLabel: 1, seed: 2 } as const;

/**
 * Sees to it that the stack has a model: imports what is to be imported, runs the pipeline when there is no model or
 * there are new images, and asks the API for one prediction. Returns whether all of that worked.
 */
export async function prepareModel({ config, source, repository, signal }: PrepareOptions): Promise<boolean> {
  const stores = openStores(config);
  const options = { stores, limits: config.imageLimits, signal };
  const latest = await stores.registry.resolveAlias('latest');
  const isDemo = source === undefined;
  let hasNewImages = false;
  if (source !== undefined) {
    const result = await importWithProgress(source, options);
    console.error(toImportSummary(result));
    hasNewImages = toTotal(result.uploaded) > 0;
  } else if (latest === null && (await isEmpty(stores))) {
    console.error(`\nNo images yet: drawing ${DEMO.perLabel * EMOTIONS.length} synthetic faces (bring your own with --data DIR).`);
    await importWithProgress({ images: drawDemoFaces(DEMO), count: DEMO.perLabel * EMOTIONS.length }, options);
  }
  if (latest !== null && !hasNewImages) {
    console.error(`\nServing ${(await stores.registry.read(latest.version, [])).manifest.name} version ${latest.version}; \`barometer run\` trains another.`);
    return predictOne(config, stores, latest.version, isDemo);
  }
  const version = await runPipeline(config, repository);
  return version !== null && (await predictOne(config, stores, version, isDemo));
}

async function isEmpty({ blobs }: Stores): Promise<boolean> {
  for await (const _ of blobs.list(CONTAINERS.raw)) return false;
  return true;
}

/** The registered version, or null when the run failed or its candidate was turned away. */
async function runPipeline(config: Config, repository: string): Promise<number | null> {
  const { temporal } = config;
  const gitSha = await readHead(repository);
  if (await hasUncommittedChanges(repository)) console.error(`\nNote: there are uncommitted changes; the run is named by ${gitSha} all the same.`);
  return withTemporal(config, async ({ client }) => {
    const run = await startPipeline(client, pipelineInputSchema.parse({ gitSha }));
    console.error(`\nPipeline of commit ${gitSha}\n  watch it at ${toRunUrl(temporal.uiUrl, temporal.namespace, run)}`);
    const board = createRunBoard();
    const end = await followRun(run.handle, board.show).finally(board.end);
    console.error(toRunSummary(end));
    return end.status === 'succeeded' ? (end.state.model?.version ?? null) : null;
  });
}

/** Prints what the API says of one image, whole as in training: of the imported ones, or of a drawn face that the training did not see. */
async function predictOne({ api, access }: Config, stores: Stores, version: number, isDemo: boolean): Promise<boolean> {
  await waitForModel(api.url, version);
  const { name, bytes } = await pickImage(stores, isDemo);
  const answer = await predictBytes({ url: api.url, key: access.key }, bytes, { faces: 'never' }).catch(saidWhy);
  if (answer === null) return false;
  const { emotion, confidence, model } = answer;
  if (emotion === null || confidence === null) return false;
  console.log(`\nPOST /predict ${name}: ${emotion}, ${toPercent(confidence)} sure (${model.name} version ${model.version})`);
  return true;
}

/** Keys of one's own are no reason to end what runs. */
function saidWhy(error: unknown): null {
  if (!isFailure(error, 'access-denied')) throw error;
  console.error(`\n${error.message}`);
  return null;
}

async function pickImage({ blobs }: Stores, isDemo: boolean): Promise<{ name: string; bytes: Uint8Array }> {
  if (isDemo) {
    for await (const face of drawDemoFaces(UNSEEN_DEMO)) return { name: face.fileName, bytes: await face.read() };
  }
  for await (const { name } of blobs.list(CONTAINERS.raw)) return { name, bytes: (await blobs.read(CONTAINERS.raw, name)).bytes };
  throw new Failure('nothing-to-use', 'There is no image to ask the API about.');
}

/** Where everything is, for the person in front of it. */
export function toAddresses({ api, temporal, embedded }: Config): string {
  return [
    '',
    `  Try it       ${api.url}/`,
    `  API          ${api.url}/predict   (docs: ${api.url}/docs)`,
    `  Temporal UI  ${temporal.uiUrl}`,
    '  Keys         until one is made, everybody on this machine may ask: barometer keys create',
    '  Alerts       are signed; what a venue\'s receiver knows them by: barometer venues secret VENUE',
    '',
    `Ctrl-C ends all of it; state is kept in ${embedded.stateDir}.`,
  ].join('\n');
}
