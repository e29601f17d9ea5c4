import { isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import type { DatasetSummary } from '../activities/publish-dataset.ts';
import type { PlanSummary } from '../activities/resize.ts';
import type { GateDecision } from '../domain/gate.ts';
import { toRunName } from '../domain/names.ts';
import type { PipelineInput, PipelineStep } from '../domain/pipeline.ts';
import type { PipelineOutcome, RunState } from '../domain/run-state.ts';
import { toCounts, toPercent, toTotal } from '../domain/wording.ts';
import { evaluate, ingest, outputs, register, resize, split, workspace } from './activity-proxies.ts';
import { listenForDecisions } from './approval.ts';
import { closeRun } from './close-run.ts';
import { runStateQuery, stepProgressSignal } from './contract.ts';
import { deploy, planDeployment } from './deploy.ts';
import { fanOut } from './fan-out.ts';
import type { RunRecord, StepOutcome } from './run-record.ts';
import { createRunRecord } from './run-record.ts';
import { toRootMessage } from './root-message.ts';
import { mayUseCache, trainCandidates } from './train-candidates.ts';

/** Batches of raw images under way at a time; more workers of the data role than this gain nothing. */
const RESIZE_FAN_OUT = 16;

/**
 * Takes labelled images to a registered model that answers in a cluster. Steps that are switched off are skipped, and the steps after them use the
 * newest output that an earlier run left.
 */
export async function pipeline(input: PipelineInput): Promise<RunState> {
  const runName = toRunName(workflowInfo().startTime, input.gitSha);
  const run = createRunRecord(runName, input);
  setHandler(runStateQuery, run.state);
  setHandler(stepProgressSignal, ({ step, note }) => {
    run.progress(step, note);
  });
  listenForDecisions(run);

  try {
    run.found({ outcome: await goThrough(run) });
  } catch (error) {
    const end = isCancellation(error) ? ({ status: 'cancelled', reason: null } as const) : ({ status: 'failed', reason: toRootMessage(error) } as const);
    await closeRun(run, end);
    throw error;
  }
  await closeRun(run, { status: 'succeeded', reason: null });
  return run.state();
}

async function goThrough(run: RunRecord): Promise<PipelineOutcome> {
  const { input } = run.state();
  const deployment = await planDeployment(run);

  if (input.process) await processImages(run);
  else skipAll(run, ['ingest', 'resize'], 'Switched off.');

  if (input.split) await splitImages(run);
  else run.skip('split', 'Switched off.');

  const outcome = input.train ? await trainAndRegister(run) : 'completed';
  if (!input.train) skipAll(run, ['train', 'evaluate', 'register'], 'Switched off.');

  if (deployment === null) skipAll(run, ['build-image', 'approve', 'roll-out'], 'Switched off.');
  else if (outcome === 'rejected') skipAll(run, ['build-image', 'approve', 'roll-out'], 'The candidate was turned away by the gate; what runs stays.');
  else if ((await deploy(run, deployment)) === 'not-approved') return 'not-approved';
  return outcome;
}

/** Turns whatever is new in the raw container into samples; leaves the data set as it is when nothing is. */
async function processImages(run: RunRecord): Promise<void> {
  const { runName, gitSha, input } = run.state();
  const useCache = mayUseCache(input);
  await run.step('ingest', async () => {
    const { inventory, counts, cachedFrom, ...taken } = await ingest.takeInventory({ runName, gitSha, useCache });
    const ignored = taken.ignored === 0 ? '' : `; ${taken.ignored} blobs outside the label folders ignored`;
    return { findings: { inventory }, note: `${toTotal(counts)} images: ${toCounts(counts)}${ignored}`, cachedFrom };
  });
  await run.step('resize', async () => {
    const inventory = run.state().inventory!;
    const plan = await resize.planResize({ runName, inventory, useCache, cropFaces: mustCropFaces(input) });
    if (plan.former !== undefined) return toResized(plan.former.dataset, plan);
    let imagesDone = 0;
    const batchNumbers = Array.from({ length: plan.batches }, (_, index) => index);
    const batches = await fanOut(batchNumbers, RESIZE_FAN_OUT, async (batch) => {
      const summary = `batch ${batch + 1} of ${plan.batches}`;
      const made = await resize.resizeBatch.executeWithOptions({ summary }, [{ runName, batch }]);
      imagesDone += made.samples + made.refused;
      run.progress('resize', `${imagesDone} of ${plan.newImages} new images`);
      return made;
    });
    const { previousDataset } = plan;
    const made = await resize.publishDataset({ runName, gitSha, inventory, previousDataset, batches });
    return toResized(made, plan);
  });
}

function toResized({ version, counts, refused, newSamples, unchanged }: DatasetSummary, { unchangedImages, removedImages, former }: PlanSummary): StepOutcome {
  const change = unchanged
    ? `nothing new, data set ${version} stays`
    : `data set ${version}: ${newSamples} new, ${unchangedImages} kept, ${removedImages} removed`;
  const rest = refused === 0 ? '' : `, ${refused} refused`;
  return { findings: { datasetVersion: version }, note: `${toTotal(counts)} images; ${change}${rest}`, cachedFrom: former?.cachedFrom };
}

async function splitImages(run: RunRecord): Promise<void> {
  const { runName, gitSha, input } = run.state();
  await run.step('split', async () => {
    const datasetVersion = run.state().datasetVersion ?? (await useNewestDataset(run));
    const made = await split.splitDataset({ runName, gitSha, datasetVersion, testRatio: input.splitRatio, exclusions: toExclusions(input), useCache: mayUseCache(input) });
    const { train: trainCounts, test } = made.counts;
    const leftOut = made.copies + made.contradictions;
    const rest = leftOut === 0 ? '' : `; left out ${made.copies} copies, ${made.contradictions} under two labels`;
    const excluded = toExclusions(input) === null ? '' : `; ${made.excluded} excluded from training`;
    return {
      findings: { datasetVersion: made.datasetVersion, splitVersion: made.version },
      note: `${toTotal(trainCounts)} to train on, ${toTotal(test)} to test on${rest}${excluded}`,
      cachedFrom: made.cachedFrom,
    };
  });
}

async function useNewestDataset(run: RunRecord): Promise<string> {
  const version = await outputs.findNewestDataset({ cropFaces: mustCropFaces(run.state().input) });
  skipAll(run, ['ingest', 'resize'], `Switched off; data set ${version} is used.`);
  return version;
}

async function useNewestSplit(run: RunRecord): Promise<string> {
  const splitVersion = await outputs.findNewestSplit({ cropFaces: mustCropFaces(run.state().input) });
  run.skip('split', `Switched off; ${splitVersion} is used.`);
  run.found({ splitVersion });
  return splitVersion;
}

/** Runs of before that could be asked take images whole. */
function mustCropFaces(input: Partial<PipelineInput>): boolean {
  return input.cropFaces ?? false;
}

/** Runs of before that could be asked leave nothing out. */
function toExclusions(input: Partial<PipelineInput>): string | null {
  return input.exclusions ?? null;
}

/** A candidate that the gate turns away is a result, not a failure. */
async function trainAndRegister(run: RunRecord): Promise<'registered' | 'rejected'> {
  await run.step('train', async () => trainCandidates(run, run.state().splitVersion ?? (await useNewestSplit(run))));
  await run.step('evaluate', async () => {
    const { gitSha, input } = run.state();
    const candidate = await adoptCandidate(run);
    const { accuracy, samples, gate, report, cachedFrom } = await evaluate.evaluateCandidate({ runName: candidate, gitSha, useCache: mayUseCache(input) });
    return { findings: { candidate, accuracy, gate, report }, note: toAccuracyNote({ accuracy, samples, gate }), cachedFrom };
  });
  if (!run.state().gate!.passed) {
    run.skip('register', 'The candidate was turned away by the gate.');
    return 'rejected';
  }
  await run.step('register', async () => registerCandidate(run));
  return 'registered';
}

/** What an earlier run has trained becomes this run's own before it is judged again: the judgement of then stays as it is. */
async function adoptCandidate(run: RunRecord): Promise<string> {
  const { runName, candidate, input } = run.state();
  if (input.reuse?.from !== 'evaluate') return candidate!;
  await outputs.adoptTraining({ from: candidate!, to: runName });
  return runName;
}

async function registerCandidate(run: RunRecord): Promise<StepOutcome> {
  const { gitSha, input, candidate } = run.state();
  const { cachedFrom, ...model } = await register.registerModel({ runName: candidate!, gitSha, useCache: mayUseCache(input) });
  // Runs of before this was asked have none.
  const isThere = typeof cachedFrom === 'string';
  const note = `${model.name} version ${model.version}${isThere ? ' has this network already' : ''}`;
  if (input.compute !== 'azure-ml') return { findings: { model }, note, cachedFrom };
  await workspace.registerInWorkspace({ version: model.version });
  return { findings: { model }, note: `${note}, in the Azure ML workspace too`, cachedFrom };
}

function skipAll(run: RunRecord, steps: readonly PipelineStep[], why: string): void {
  for (const step of steps) run.skip(step, why);
}

function toAccuracyNote({ accuracy, samples, gate }: { accuracy: number; samples: number; gate: GateDecision }): string {
  return `${toPercent(accuracy)} of ${samples} unseen images right; ${gate.passed ? 'passes' : 'does not pass'} the gate`;
}
