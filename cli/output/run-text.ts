import type { PipelineInput } from '../../domain/pipeline.ts';
import type { RunState, StepState } from '../../domain/run-state.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { toListName, toPercent } from '../../domain/wording.ts';
import type { RetriedActivity, RunHistory } from '../runs/read-attempts.ts';
import type { RunDetails } from '../runs/read-run.ts';
import { isUnderWay } from '../runs/run-entry.ts';
import { toDecisionText } from './approval-text.ts';
import { toAccuracyText, toChampionText, toClassTable } from './evaluation-text.ts';
import { COLUMNS, toFacts, wrap } from './facts.ts';
import { toMinute, toSpan } from './format.ts';
import { toNextSteps } from './next-steps.ts';
import { STEP_MARKS } from './run-board.ts';
import { toStatusText } from './run-status.ts';

/** Where the parts of a run can be opened. */
export interface RunLinks {
  readonly temporal: string;
  /** The run's folder in the storage account. */
  readonly folder: string;
}

/** Everything about a run, for a terminal. */
export function toRunText(details: RunDetails, links: RunLinks, now: number): string {
  const { entry, state, reason, history } = details;
  const next = toNextSteps(details, now);
  return [
    `Run ${entry.runName}: ${toStatusText(entry)}`,
    ...(reason === null ? [] : ['', ...wrap(reason, COLUMNS - 2).map((line) => `  ${line}`)]),
    ...(next.length === 0 ? [] : ['', ...next.flatMap((each) => wrap(each, COLUMNS - 2).map((line) => `  ${line}`))]),
    ...(state === null ? [] : ['', toStepLines(state, { history, reason, now })]),
    '',
    toFacts(toRunFacts(details, links, now)),
    ...(state?.report == null ? [] : ['', toClassTable(state.report.evaluation)]),
  ].join('\n');
}

/** Mark, step, time. */
const STEP_COLUMNS = 2 + 2 + 12 + 1 + 12 + 3;

interface StepTelling {
  readonly history: RunHistory | null;
  /** Said above already. */
  readonly reason: string | null;
  readonly now: number;
}

function toStepLines({ steps }: RunState, { history, reason, now }: StepTelling): string {
  return steps
    .flatMap((step) => {
      const { startedAt, endedAt } = step;
      const time = startedAt === null ? '' : toSpan((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
      const note = step.note === reason ? 'see above' : toNote(step);
      const said = [note, ...toTries(history?.attempts.get(step.step), history?.retried.get(step.step) ?? [], { reason, now })];
      const [first = '', ...rest] = said.flatMap((text) => (text === '' ? [] : wrap(text, COLUMNS - STEP_COLUMNS)));
      const head = `  ${STEP_MARKS[step.status]} ${step.step.padEnd(12)} ${time.padStart(12)}   `;
      return [`${head}${first}`.trimEnd(), ...rest.map((line) => `${' '.repeat(STEP_COLUMNS)}${line}`)];
    })
    .join('\n');
}

function toNote({ note, status }: StepState): string {
  return note === '' && status === 'running' ? 'under way' : note;
}

/** How often it was tried, and what for, as far as that is more than once. */
function toTries(attempts: number | undefined, retried: readonly RetriedActivity[], { reason, now }: Pick<StepTelling, 'reason' | 'now'>): string[] {
  if (attempts === undefined || retried.length === 0) return [];
  const worst = retried.reduce((most, each) => (each.attempts > most.attempts ? each : most));
  const pending = retried.find(({ isUnderWay: underWay, lastFailure }) => underWay && lastFailure !== null);
  const of = worst.mostAttempts === null ? '' : ` of at most ${worst.mostAttempts}`;
  const others = retried.length === 1 ? '' : ` (${retried.length} activities were tried again)`;
  const { lastFailure, nextAttemptAt } = pending ?? worst;
  const next = nextAttemptAt === null ? '' : ` Tried again in ${toSpan(Math.max(0, Date.parse(nextAttemptAt) - now))}.`;
  return [`attempt ${attempts}${of}${others}${toLastFailure(lastFailure, reason)}${next}`];
}

function toLastFailure(lastFailure: string | null, reason: string | null): string {
  if (lastFailure === null) return '';
  return lastFailure === reason ? '; the one before failed alike' : `; the one before failed: ${lastFailure}`;
}

function toRunFacts({ entry, state, history, isAnswered }: RunDetails, links: RunLinks, now: number): [string, string][] {
  const end = entry.endedAt === null ? now : Date.parse(entry.endedAt);
  const took = `${isUnderWay(entry) ? 'under way for' : 'took'} ${toSpan(end - Date.parse(entry.startedAt))}`;
  const facts: [string, string | null][] = [
    ['commit', entry.gitSha],
    ['begun', `${toMinute(entry.startedAt)} UTC, ${took}`],
    ['asked to stop', history?.cancel == null ? null : `${toMinute(history.cancel.at)} UTC${history.cancel.reason === '' ? '' : `: ${history.cancel.reason}`}`],
    ['ended by force', history?.terminated == null ? null : history.terminated === '' ? 'yes' : history.terminated],
    ...(state === null ? [['state', toUnknown(isAnswered)] as [string, string]] : toStateFacts(state)),
    ['Temporal', history === null ? 'knows this run no more; this is what it filed in the storage account' : links.temporal],
    ['files', links.folder],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function toUnknown(isAnswered: boolean | null): string {
  if (isAnswered === null) return 'unknown: it filed nothing, and no worker is here to tell; start one with `barometer worker`';
  return isAnswered ? 'unknown: its worker does not answer' : 'unknown: no worker of the role "pipeline" is running; start one with `barometer worker`';
}

function toStateFacts({ input, datasetVersion, splitVersion, accuracy, report, gate, model, images, approval, release }: RunState): [string, string | null][] {
  return [
    ['asked for', toAsked(input)],
    ['begins with', input.reuse === null ? null : `what run ${input.reuse.runName} had made before ${input.reuse.from}`],
    ['data', datasetVersion],
    ['split', splitVersion],
    ['training', input.train ? Object.entries(input.hyperparameters).map(([name, value]) => `${name} ${value}`).join(', ') : null],
    ['accuracy', report === null ? (accuracy === null ? null : `${toPercent(accuracy)} of unseen images`) : toAccuracyText(report.evaluation)],
    ['champion', report === null ? null : toChampionText(report.champion)],
    ['gate', gate === null ? null : `${gate.passed ? 'passed' : 'turned away'}: ${gate.reason}`],
    ['model', model === null ? null : `${model.name} version ${model.version}; \`barometer models show ${model.version}\` has its card`],
    ['images', images.length === 0 ? null : images.map(({ reference, digest }) => `${reference}@${digest}`).join(' ')],
    ['approval', approval === null ? null : toDecisionText(approval)],
    ['released', release === null ? null : `model version ${release.modelVersion} with image ${release.image.reference}`],
  ];
}

/** What is other than when nothing is said. */
function toAsked({ process, cropFaces, split, splitRatio, exclusions, train, deploy, compute, candidates, approval, cache, hyperparameters }: PipelineInput): string {
  const defaults = hyperparametersSchema.parse({});
  const list = toListName(exclusions);
  const changed = Object.entries(hyperparameters).filter(([name, value]) => defaults[name as keyof typeof defaults] !== value);
  const parts = [
    ...(process ? [] : ['no processing']),
    ...(cropFaces ? ['faces cut out'] : []),
    ...(split ? [`${splitRatio} kept for testing`] : ['no split']),
    ...(list === null ? [] : [`without the images of ${list}`]),
    ...(train ? [] : ['no training']),
    ...(compute === 'local' ? [] : [`training on ${compute}`]),
    ...(candidates === 1 ? [] : [`${candidates} candidates`]),
    ...changed.map(([name, value]) => `${name} ${value}`),
    `deploy ${deploy}`,
    ...(approval ? ['with approval'] : []),
    ...(cache ? [] : ['nothing from earlier runs']),
  ];
  return parts.join(', ');
}
