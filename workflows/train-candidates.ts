import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { TrainRequest } from '../activities/train.ts';
import type { TrainSummary } from '../activities/train-summary.ts';
import { toCandidateSpecs } from '../domain/candidates.ts';
import type { PipelineInput } from '../domain/pipeline.ts';
import type { CandidateState } from '../domain/run-state.ts';
import type { TrainingSpec } from '../domain/training.ts';
import { toPercent } from '../domain/wording.ts';
import { images, trainOn } from './activity-proxies.ts';
import type { RunRecord, StepOutcome } from './run-record.ts';
import { toRootMessage } from './root-message.ts';

/**
 * Trains the run's candidates side by side, and picks the one that does best on the validation part of the training data; the
 * test images are not touched. One that fails leaves the others going on.
 *
 * @throws what the first one failed with when all of them did
 */
export async function trainCandidates(run: RunRecord, splitVersion: string): Promise<StepOutcome> {
  const { runName, gitSha, input } = run.state();
  const { compute, hyperparameters } = input;
  // Runs of before there were several have no number.
  const wanted = 'candidates' in input ? input.candidates : 1;
  const useCache = mayUseCache(input);
  const specs = toCandidateSpecs({ runName, gitSha, splitVersion, hyperparameters }, wanted);
  if (compute === 'azure-ml') await provideTrainerImage(run);
  const trained = new Map<string, TrainSummary>();
  const failures: { readonly name: string; readonly error: unknown }[] = [];

  // A run that is cancelled must not end before each of its trainings has: what still trains elsewhere would go on.
  const ends = await Promise.allSettled(
    specs.map(async (spec) => {
      try {
        trained.set(spec.runName, await train({ compute, spec, useCache }));
      } catch (error) {
        if (isCancellation(error)) throw error;
        failures.push({ name: spec.runName, error });
      }
      if (specs.length === 1) return;
      run.found({ candidates: specs.map(toCandidateState) });
      run.progress('train', `${trained.size + failures.length} of ${specs.length} candidates done`);
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;

  if (trained.size === 0) throw failures[0]!.error;
  // Of equals the first by number, not the one that was faster: the same run picks the same one again.
  const inOrder = specs.flatMap(({ runName: name }) => (trained.has(name) ? [{ name, summary: trained.get(name)! }] : []));
  const { name: best, summary } = inOrder.reduce((first, next) => (next.summary.bestValidationAccuracy > first.summary.bestValidationAccuracy ? next : first));
  const note = specs.length === 1 ? toNote(summary) : `${toLabel(best)} of ${specs.length} candidates: ${toNote(summary)}${toReusedNote()}${toFailureNote()}`;
  return { findings: { candidate: best }, note, cachedFrom: isAllReused() ? summary.cachedFrom : null };

  /** Whose network one of several is counts only when none of the others had to be trained. */
  function isAllReused(): boolean {
    return trained.size === specs.length && [...trained.values()].every(isReused);
  }

  function toReusedNote(): string {
    const reused = [...trained].filter(([, each]) => isReused(each)).map(([name, { cachedFrom }]) => `${toLabel(name)} as in run ${cachedFrom}`);
    return reused.length === 0 || isAllReused() ? '' : `; ${reused.join(', ')}`;
  }

  function toCandidateState({ runName: name, hyperparameters: recipe }: TrainingSpec): CandidateState {
    const failure = failures.find((each) => each.name === name);
    return {
      name,
      hyperparameters: recipe,
      validationAccuracy: trained.get(name)?.bestValidationAccuracy ?? null,
      failure: failure === undefined ? null : toRootMessage(failure.error),
    };
  }

  function toFailureNote(): string {
    return failures.length === 0 ? '' : `; ${failures.map(({ name }) => toLabel(name)).join(', ')} failed`;
  }

  function toLabel(name: string): string {
    return name.slice(runName.length + 1);
  }
}

/** Runs of before anything was remembered say nothing of it. */
export function mayUseCache(input: PipelineInput): boolean {
  return (input as Partial<PipelineInput>).cache ?? true;
}

/** Activities of before anything was remembered say nothing of it. */
function isReused({ cachedFrom }: Partial<Pick<TrainSummary, 'cachedFrom'>>): boolean {
  return typeof cachedFrom === 'string';
}

/** What the jobs run in; most often there already, from CI or an earlier run of the commit. */
async function provideTrainerImage(run: RunRecord): Promise<void> {
  const { runName, gitSha } = run.state();
  run.progress('train', 'the trainer image is made ready');
  await images.buildImage.executeWithOptions({ summary: 'trainer' }, [{ runName, gitSha, image: 'trainer' }]);
}

/** A training that goes on without anybody watching it is ended when the run is cancelled between two attempts, too. */
async function train(request: TrainRequest): Promise<TrainSummary> {
  const { trainModel, endTraining } = trainOn[request.compute];
  try {
    return await trainModel.executeWithOptions({ summary: `on ${request.compute} compute` }, [request]);
  } catch (error) {
    if (isCancellation(error) && request.compute !== 'local') await CancellationScope.nonCancellable(() => endTraining(request));
    throw error;
  }
}

function toNote({ bestEpoch, epochs, stoppedEarly, bestValidationAccuracy, imagesPerSecond }: TrainSummary): string {
  const early = stoppedEarly ? ' (stopped early)' : '';
  return `best epoch ${bestEpoch} of ${epochs}${early}, validation ${toPercent(bestValidationAccuracy)}, ${Math.round(imagesPerSecond)} images/s`;
}
