import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { GateDecision } from '../domain/gate.ts';
import { toRunName } from '../domain/names.ts';
import type { PipelineInput, RunState } from '../domain/pipeline.ts';
import { toCounts, toPercent, toTotal } from '../domain/wording.ts';
import { evaluate, ingest, outputs, register, resize, split, workspace } from './activity-proxies.ts';
import { runStateQuery, stepProgressSignal } from './contract.ts';
import { deploy, planDeployment } from './deploy.ts';
import { fanOut } from './fan-out.ts';
import type { RunRecord } from './run-record.ts';
import { createRunRecord } from './run-record.ts';
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

  const deployment = await planDeployment(run);

  if (input.process) await processImages(run);
  else skipAll(run, ['ingest', 'resize'], 'Switched off.');

  if (input.split) await splitImages(run);
  else run.skip('split', 'Switched off.');

  const outcome = input.train ? await trainAndRegister(run) : 'completed';
  if (!input.train) skipAll(run, ['train', 'evaluate', 'register'], 'Switched off.');

  if (deployment === null) skipAll(run, ['build-image', 'roll-out'], 'Switched off.');
  else if (outcome === 'rejected') skipAll(run, ['build-image', 'roll-out'], 'The candidate was turned away by the gate; what runs stays.');
  else await deploy(run, deployment);

  run.found({ outcome });
  return run.state();
}

/** Turns whatever is new in the raw container into samples; leaves the data set as it is when nothing is. */
async function processImages(run: RunRecord): Promise<void> {
  const { runName, gitSha } = run.state();
  const inventory = await run.step('ingest', async () => {
    const taken = await ingest.takeInventory({ runName, gitSha });
    const ignored = taken.ignored === 0 ? '' : `; ${taken.ignored} blobs outside the label folders ignored`;
    return { value: taken.inventory, note: `${toTotal(taken.counts)} images: ${toCounts(taken.counts)}${ignored}` };
  });
  const dataset = await run.step('resize', async () => {
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
    return { value: made.version, note: `${toTotal(made.counts)} images; ${change}${refused}` };
  });
  run.found({ datasetVersion: dataset });
}

async function splitImages(run: RunRecord): Promise<void> {
  const { runName, gitSha, input, datasetVersion: processed } = run.state();
  const made = await run.step('split', async () => {
    const datasetVersion = processed ?? (await useNewestDataset(run));
    const value = await split.splitDataset({ runName, gitSha, datasetVersion, testRatio: input.splitRatio });
    const { train: trainCounts, test } = value.counts;
    const leftOut = value.copies + value.contradictions;
    const rest = leftOut === 0 ? '' : `; left out ${value.copies} copies, ${value.contradictions} under two labels`;
    return { value, note: `${toTotal(trainCounts)} to train on, ${toTotal(test)} to test on${rest}` };
  });
  run.found({ datasetVersion: made.datasetVersion, splitVersion: made.version });
}

async function useNewestDataset(run: RunRecord): Promise<string> {
  const version = await outputs.findNewestDataset();
  skipAll(run, ['ingest', 'resize'], `Switched off; data set ${version} is used.`);
  return version;
}

/** Returns the name under which the best candidate is filed, if it passed the gate. */
async function trainBest(run: RunRecord): Promise<string | null> {
  const candidate = await run.step('train', async () => trainCandidates(run, run.state().splitVersion ?? (await useNewestSplit(run))));
  const gate = await run.step('evaluate', async () => {
    const value = await evaluate.evaluateCandidate({ runName: candidate });
    run.found({ accuracy: value.accuracy, gate: value.gate });
    return { value: value.gate, note: toAccuracyNote(value) };
  });
  return gate.passed ? candidate : null;
}

async function useNewestSplit(run: RunRecord): Promise<string> {
  const splitVersion = await outputs.findNewestSplit();
  run.skip('split', `Switched off; ${splitVersion} is used.`);
  run.found({ splitVersion });
  return splitVersion;
}

/** A candidate that the gate turns away is a result, not a failure. */
async function trainAndRegister(run: RunRecord): Promise<'registered' | 'rejected'> {
  const candidate = await trainBest(run);
  if (candidate === null) {
    run.skip('register', 'The candidate was turned away by the gate.');
    return 'rejected';
  }
  const { gitSha, input } = run.state();
  const model = await run.step('register', async () => {
    const value = await register.registerModel({ runName: candidate, gitSha });
    const note = `${value.name} version ${value.version}`;
    if (input.compute !== 'azure-ml') return { value, note };
    await workspace.registerInWorkspace({ version: value.version });
    return { value, note: `${note}, in the Azure ML workspace too` };
  });
  run.found({ model });
  return 'registered';
}

function skipAll(run: RunRecord, steps: readonly Parameters<RunRecord['skip']>[0][], why: string): void {
  for (const step of steps) run.skip(step, why);
}

function toAccuracyNote({ accuracy, samples, gate }: { accuracy: number; samples: number; gate: GateDecision }): string {
  return `${toPercent(accuracy)} of ${samples} unseen images right; ${gate.passed ? 'passes' : 'does not pass'} the gate`;
}
