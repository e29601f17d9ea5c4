import { EMOTIONS } from '../domain/emotion.ts';
import type { RunState, StepState, StepStatus } from '../domain/run-state.ts';
import { toPercent } from '../domain/wording.ts';

const MARKS: Readonly<Record<StepStatus, string>> = {
  pending: '·',
  running: '▶',
  succeeded: '✔',
  skipped: '–',
  failed: '✘',
  cancelled: '✘',
};

/** The run as Markdown, for the Temporal UI: a table of steps with what came out of each. */
export function toDetails(state: RunState): string {
  const rows = state.steps.map((step) => `| ${MARKS[step.status]} | ${step.step} | ${step.status} | ${toDuration(step)} | ${toCell(step.note)} |`);
  return [
    `**Run ${state.runName}** of commit \`${state.gitSha}\``,
    '',
    '| | step | status | time | |',
    '|---|---|---|---|---|',
    ...rows,
    ...toCandidateTable(state.candidates),
    ...toApprovalNote(state),
    ...(state.gate === null ? [] : ['', `**Gate:** ${state.gate.passed ? 'passed' : 'turned away'}. ${state.gate.reason}`]),
    ...toReportTable(state.report),
    ...(state.model === null ? [] : ['', `**Model:** ${state.model.name} version ${state.model.version}`]),
    ...(state.images.length === 0 ? [] : ['', '**Images:**', '', ...state.images.map(({ reference, digest }) => `- \`${reference}@${digest}\``)]),
  ].join('\n');
}

/** What a person reads who has to decide. */
function toApprovalNote({ runName, approval }: RunState): string[] {
  if (approval === null) return [];
  const { decision, by, reason, deadline } = approval;
  if (decision !== null) return ['', `**Rollout ${decision}** ${by === null ? '' : `by ${toCell(by)}`}${reason === '' ? '' : `: ${toCell(reason)}`}`];
  return [
    '',
    `**Waits for somebody to let the rollout through**, until ${deadline.slice(0, 16).replace('T', ' ')} UTC:`,
    `\`barometer approve ${runName}\` or \`barometer reject ${runName} --reason "…"\``,
  ];
}

function toReportTable(report: RunState['report'] | undefined): string[] {
  if (report == null) return [];
  const { evaluation, champion } = report;
  const { lower, upper } = evaluation.accuracyInterval;
  const rows = EMOTIONS.map((label) => {
    const { precision, recall, f1, samples } = evaluation.perClass[label];
    return `| ${label} | ${toPercent(precision)} | ${toPercent(recall)} | ${toPercent(f1)} | ${samples} |`;
  });
  return [
    '',
    `**Accuracy:** ${toPercent(evaluation.accuracy)} of ${evaluation.samples} unseen images (95 % interval ${toPercent(lower)} to ${toPercent(upper)})`,
    ...(champion === null ? [] : ['', `**Beside version ${champion.version}**, on the ${champion.evaluation.samples} images that neither has seen: ${toPercent(champion.candidate.accuracy)}, where it has ${toPercent(champion.evaluation.accuracy)}`]),
    '',
    '| | precision | recall | F1 | images |',
    '|---|---|---|---|---|',
    ...rows,
  ];
}

function toCandidateTable(candidates: RunState['candidates']): string[] {
  if (candidates.length === 0) return [];
  const rows = candidates.map(({ name, hyperparameters, validationAccuracy, failure }) => {
    const { seed, learningRate, weightDecay, labelSmoothing } = hyperparameters;
    const result = validationAccuracy === null ? (failure ?? '') : toPercent(validationAccuracy);
    return `| ${name} | ${seed} | ${learningRate} | ${weightDecay} | ${labelSmoothing} | ${toCell(result)} |`;
  });
  return ['', '| candidate | seed | learning rate | weight decay | label smoothing | validation |', '|---|---|---|---|---|---|', ...rows];
}

function toDuration(step: StepState): string {
  if (step.startedAt === null || step.endedAt === null) return '';
  // Rounded before it is parted, or it could say 60 seconds.
  const tenths = Math.round((Date.parse(step.endedAt) - Date.parse(step.startedAt)) / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(tenths / 10);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A pipe or a line break would end the table's cell. */
function toCell(note: string): string {
  return note.replaceAll('|', '\\|').replaceAll(/\s*[\r\n]\s*/g, ' ');
}
