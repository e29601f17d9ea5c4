import { isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import type { GateDecision } from '../domain/gate.ts';
import { toRunName } from '../domain/names.ts';
import type { PipelineInput, PipelineOutcome, PipelineStep, RunState } from '../domain/pipeline.ts';
import { toCounts, toPercent, toTotal } from '../domain/wording.ts';
import { evaluate, ingest, outputs, register, resize, split, workspace } from './activity-proxies.ts';
import { listenForDecisions } from './approval.ts';
import { closeRun } from './close-run.ts';
import { runStateQuery, stepProgressSignal } from './contract.ts';
import { deploy, planDeployment } from './deploy.ts';
import { fanOut } from './fan-out.ts';
import type { RunRecord } from './run-record.ts';
import { createRunRecord } from './run-record.ts';
import { toRootMessage } from './root-message.ts';
import { trainCandidates } from './train-candidates.ts';

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
  const { runName, gitSha } = run.state();
  await run.step('ingest', async () => {
    const { inventory, counts, ...taken } = await ingest.takeInventory({ runName, gitSha });
    const ignored = taken.ignored === 0 ? '' : `; ${taken.ignored} blobs outside the label folders ignored`;
    return { findings: { inventory }, note: `${toTotal(counts)} images: ${toCounts(counts)}${ignored}` };
  });
  await run.step('resize', async () => {
    const inventory = run.state().inventory!;
    const plan = await resize.planResize({ runName, inventory });
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
    const change = made.unchanged
      ? `nothing new, data set ${made.version} stays`
      : `data set ${made.version}: ${made.newSamples} new, ${plan.unchangedImages} kept, ${plan.removedImages} removed`;
    const refused = made.refused === 0 ? '' : `, ${made.refused} refused`;
    return { findings: { datasetVersion: made.version }, note: `${toTotal(made.counts)} images; ${change}${refused}` };
  });
}

async function splitImages(run: RunRecord): Promise<void> {
  const { runName, gitSha, input } = run.state();
  await run.step('split', async () => {
    const datasetVersion = run.state().datasetVersion ?? (await useNewestDataset(run));
    const made = await split.splitDataset({ runName, gitSha, datasetVersion, testRatio: input.splitRatio });
    const { train: trainCounts, test } = made.counts;
    const leftOut = made.copies + made.contradictions;
    const rest = leftOut === 0 ? '' : `; left out ${made.copies} copies, ${made.contradictions} under two labels`;
    return {
      findings: { datasetVersion: made.datasetVersion, splitVersion: made.version },
      note: `${toTotal(trainCounts)} to train on, ${toTotal(test)} to test on${rest}`,
    };
  });
}

async function useNewestDataset(run: RunRecord): Promise<string> {
  const version = await outputs.findNewestDataset();
  skipAll(run, ['ingest', 'resize'], `Switched off; data set ${version} is used.`);
  return version;
}

async function useNewestSplit(run: RunRecord): Promise<string> {
  const splitVersion = await outputs.findNewestSplit();
  run.skip('split', `Switched off; ${splitVersion} is used.`);
  run.found({ splitVersion });
  return splitVersion;
}

/** A candidate that the gate turns away is a result, not a failure. */
async function trainAndRegister(run: RunRecord): Promise<'registered' | 'rejected'> {
  await run.step('train', async () => trainCandidates(run, run.state().splitVersion ?? (await useNewestSplit(run))));
  await run.step('evaluate', async () => {
    const { accuracy, samples, gate, report } = await evaluate.evaluateCandidate({ runName: run.state().candidate! });
    return { findings: { accuracy, gate, report }, note: toAccuracyNote({ accuracy, samples, gate }) };
  });
  if (!run.state().gate!.passed) {
    run.skip('register', 'The candidate was turned away by the gate.');
    return 'rejected';
  }
  await run.step('register', async () => registerCandidate(run));
  return 'registered';
}

async function registerCandidate(run: RunRecord) {
  const { gitSha, input, candidate } = run.state();
  const model = await register.registerModel({ runName: candidate!, gitSha });
  const note = `${model.name} version ${model.version}`;
  if (input.compute !== 'azure-ml') return { findings: { model }, note };
  await workspace.registerInWorkspace({ version: model.version });
  return { findings: { model }, note: `${note}, in the Azure ML workspace too` };
}

function skipAll(run: RunRecord, steps: readonly PipelineStep[], why: string): void {
  for (const step of steps) run.skip(step, why);
}

function toAccuracyNote({ accuracy, samples, gate }: { accuracy: number; samples: number; gate: GateDecision }): string {
  return `${toPercent(accuracy)} of ${samples} unseen images right; ${gate.passed ? 'passes' : 'does not pass'} the gate`;
}
