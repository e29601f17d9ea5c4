import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState, StepState, StepStatus } from '../../domain/run-state.ts';
import { toDuration } from '../output/format.ts';
import { shorten, toCode, toMarkdownTable, toText } from './markdown.ts';

const MARKS: Readonly<Record<StepStatus, string>> = {
  pending: '·',
  running: '⏳',
  succeeded: '✅',
  skipped: '➖',
  failed: '❌',
  cancelled: '🛑',
};
const MOST_OF_A_NOTE = 400;

/** What every step did: how long, how often it was tried, what came of it. */
export function toStepsTable({ steps }: RunState, attempts: ReadonlyMap<PipelineStep, number>): string {
  const table = toMarkdownTable(
    [['', 'left'], ['step', 'left'], ['time', 'right'], ['attempts', 'right'], ['', 'left']],
    steps.map((step) => [step.cachedFrom === null ? MARKS[step.status] : '♻️', step.step, toTime(step), String(attempts.get(step.step) ?? ''), toNote(step)]),
  );
  return `### Steps\n\n${table}`;
}

function toNote({ note, cachedFrom }: StepState): string {
  // The note of a step that did nothing again mostly says so itself.
  const cached = cachedFrom === null || note.includes(cachedFrom) ? '' : `taken over from run ${toCode(cachedFrom)}`;
  return [toText(shorten(note, MOST_OF_A_NOTE)), cached].filter((part) => part !== '').join('; ');
}

function toTime({ startedAt, endedAt }: StepState): string {
  return startedAt === null || endedAt === null ? '' : toDuration(Date.parse(endedAt) - Date.parse(startedAt)).replaceAll(' ', '&nbsp;');
}
