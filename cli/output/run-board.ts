import { isWaiting } from '../../domain/approval.ts';
import type { RunState, StepState, StepStatus } from '../../domain/run-state.ts';
import { toDuration } from './format.ts';
import { toWaitingText } from './approval-text.ts';
import { createProgressLine } from './progress-line.ts';

export const STEP_MARKS: Readonly<Record<StepStatus, string>> = {
  pending: '·',
  running: '▸',
  succeeded: '✔',
  skipped: '–',
  failed: '✘',
  cancelled: '✘',
};

/** Shows a run while it goes on. */
export interface RunBoard {
  /** Null while no worker answers. */
  show(state: RunState | null): void;
  end(): void;
}

/** For a terminal, or a file: a finished step stays as a line, the running one changes in place. Written to stderr. */
export function createRunBoard(stream: NodeJS.WriteStream = process.stderr): RunBoard {
  const current = createProgressLine(stream);
  const announced = new Set<string>();
  return {
    show(state) {
      if (state === null) {
        current.show('  … waiting for a worker to answer');
        return;
      }
      for (const step of state.steps) {
        if (isOver(step) && !announced.has(step.step)) {
          announced.add(step.step);
          current.end(toStepLine(step));
        }
      }
      // Nothing else comes before a person has acted: this stays, also where lines don't change in place.
      if (isWaiting(state) && !announced.has('waiting')) {
        announced.add('waiting');
        current.end(toWaitingText(state));
      }
      const running = state.steps.find((step) => step.status === 'running');
      if (running !== undefined) current.show(toStepLine(running));
    },
    end() {
      current.end();
    },
  };
}

/** Whether nothing will come of a step any more than did. */
export function isOver({ status }: StepState): boolean {
  return status !== 'pending' && status !== 'running';
}

/** A step in one line: its mark, its time, and what is to say of it. */
export function toStepLine(step: StepState): string {
  const { startedAt, endedAt } = step;
  const time = startedAt === null ? '' : toDuration((endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt));
  return `  ${STEP_MARKS[step.status]} ${step.step.padEnd(12)} ${time.padStart(12)}   ${step.note}`;
}
