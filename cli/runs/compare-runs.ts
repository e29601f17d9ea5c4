import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import { PIPELINE_STEPS } from '../../domain/pipeline.ts';
import type { PipelineInput, PipelineStep } from '../../domain/pipeline.ts';
import type { StepState } from '../../domain/run-state.ts';
import { toCounts, toListName, toTotal } from '../../domain/wording.ts';
import { countCommits } from '../git.ts';
import type { ComparableRun } from './read-comparable.ts';
import type { RunEntry } from './run-entry.ts';

export interface Difference {
  readonly what: string;
  /** Null: the run has none. */
  readonly a: string | null;
  readonly b: string | null;
}

export interface StepTimes {
  readonly step: PipelineStep;
  readonly a: StepTime;
  readonly b: StepTime;
}

/** How long a step took; or why it took none. */
export type StepTime = { readonly ms: number } | { readonly instead: string };

/** What is different about two runs. */
export interface RunComparison {
  readonly a: RunEntry;
  readonly b: RunEntry;
  /** Commits that only one of the two has; null where this repository does not know both. */
  readonly commits: { readonly onlyA: number; readonly onlyB: number } | null;
  readonly differences: readonly Difference[];
  /** What both have alike, by its name. */
  readonly same: readonly string[];
  /** Null unless both were measured. */
  readonly accuracy: {
    readonly a: Evaluation;
    readonly b: Evaluation;
    /** Of B less A, for each label. */
    readonly recall: Readonly<Record<Emotion, number>>;
    /** Whether both were measured on the same test images. */
    readonly onSameImages: boolean;
  } | null;
  readonly times: readonly StepTimes[];
}

/** @param directory of a repository that may know both commits */
export async function compareRuns(a: ComparableRun, b: ComparableRun, directory: string): Promise<RunComparison> {
  const factsOfB = toFacts(b);
  const facts = toFacts(a).map(([what, ofA], index) => ({ what, a: ofA, b: factsOfB[index]![1] }));
  const differences = facts.filter((fact) => fact.a !== fact.b);
  const same = facts.filter((fact) => fact.a === fact.b && fact.a !== null).map(({ what }) => what);
  const commits = a.entry.gitSha === b.entry.gitSha ? { onlyA: 0, onlyB: 0 } : await countCommits(a.entry.gitSha, b.entry.gitSha, directory);
  return { a: a.entry, b: b.entry, commits, differences, same, accuracy: toAccuracy(a, b), times: toTimes(a, b) };
}

function toFacts({ entry, state, card, images, split }: ComparableRun): [string, string | null][] {
  const { input, datasetVersion, splitVersion, model, release } = state;
  return [
    ['commit', entry.gitSha],
    ['data set', datasetVersion],
    ['images', images === null ? null : `${toTotal(images)}: ${toCounts(images)}`],
    ['split', splitVersion],
    ['to train on', split === null ? null : String(toTotal(split.train))],
    ['to test on', split === null ? null : String(toTotal(split.test))],
    ...toSwitches(input),
    ...Object.entries(input.hyperparameters).map(([name, value]): [string, string] => [name, String(value)]),
    ['best epoch', card === null ? null : `${card.training.bestEpoch} of ${card.training.epochs}`],
    ['parameters', card === null ? null : String(card.training.parameters)],
    ['gate', state.gate === null ? null : state.gate.passed ? 'passed' : 'turned away'],
    ['outcome', state.outcome],
    ['model', model === null ? null : `version ${model.version}`],
    ['released', release === null ? null : `model version ${release.modelVersion}`],
  ];
}

function toSwitches({ process, cropFaces, split, splitRatio, exclusions, train, deploy, compute, candidates, approval, cache, reuse }: PipelineInput): [string, string | null][] {
  const onOff = (isOn: boolean) => (isOn ? 'on' : 'off');
  return [
    ['process', onOff(process)],
    ['crop faces', onOff(cropFaces)],
    ['split step', onOff(split)],
    ['split ratio', String(splitRatio)],
    ['left out', toListName(exclusions)],
    ['train', onOff(train)],
    ['deploy', deploy],
    ['compute', compute],
    ['candidates', String(candidates)],
    ['approval', onOff(approval)],
    ['cache', onOff(cache)],
    ['begins with', reuse === null ? null : `${reuse.runName} before ${reuse.from}`],
  ];
}

function toAccuracy(a: ComparableRun, b: ComparableRun): RunComparison['accuracy'] {
  const [ofA, ofB] = [toEvaluation(a), toEvaluation(b)];
  if (ofA === null || ofB === null) return null;
  const recall = Object.fromEntries(EMOTIONS.map((emotion) => [emotion, ofB.perClass[emotion].recall - ofA.perClass[emotion].recall])) as Record<Emotion, number>;
  return { a: ofA, b: ofB, recall, onSameImages: a.state.splitVersion !== null && a.state.splitVersion === b.state.splitVersion };
}

/** Runs of before they kept it themselves have it on their card. */
function toEvaluation({ state, card }: ComparableRun): Evaluation | null {
  return state.report?.evaluation ?? card?.evaluation ?? null;
}

function toTimes(a: ComparableRun, b: ComparableRun): StepTimes[] {
  return PIPELINE_STEPS.flatMap((step) => {
    const [ofA, ofB] = [a, b].map(({ state }) => toTime(state.steps.find((each) => each.step === step)));
    return 'instead' in ofA! && 'instead' in ofB! && ofA.instead === ofB.instead ? [] : [{ step, a: ofA!, b: ofB! }];
  });
}

function toTime(step: StepState | undefined): StepTime {
  if (step === undefined || step.status === 'pending') return { instead: 'not begun' };
  if (step.cachedFrom != null) return { instead: 'from an earlier run' };
  if (step.startedAt === null) return { instead: 'skipped' };
  return step.endedAt === null ? { instead: 'under way' } : { ms: Date.parse(step.endedAt) - Date.parse(step.startedAt) };
}
