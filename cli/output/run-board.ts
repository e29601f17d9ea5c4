import type { RunState, StepState, StepStatus } from '../../domain/pipeline.ts';
import { toDuration } from './format.ts';
import { createProgressLine } from './progress-line.ts';

const MARKS: Readonly<Record<StepStatus, string>> = {
  pending: '·',
  running: '▸',
  succeeded: '✔',
  skipped: '–',
  failed: '✘',
  cancelled: '✘',
};

/** Shows a run while it goes on: a finished step stays as a line, the running one changes in place. Written to stderr. */
export interface RunBoard {
  show(state: RunState | null): void;
  end(): void;
}

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
      const running = state.steps.find((step) => step.status === 'running');
      if (running !== undefined) current.show(toStepLine(running));
    },
    end() {
      current.end();
    },
  };
}

function isOver({ status }: StepState): boolean {
  return status !== 'pending' && status !== 'running';
}

function toStepLine(step: StepState): string {
  const { startedAt, endedAt } = step;
  const time = startedAt === null ? '' : toDuration((endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt));
  return `  ${MARKS[step.status]} ${step.step.padEnd(12)} ${time.padStart(12)}   ${step.note}`;
}
