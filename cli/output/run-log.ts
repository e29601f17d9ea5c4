import type { JobLog } from '../../adapters/github/job-log.ts';
import type { PipelineStep } from '../../domain/pipeline.ts';
import type { RunState, StepState } from '../../domain/run-state.ts';
import { toDuration, toMinute } from './format.ts';
import type { RunBoard } from './run-board.ts';
import { isOver, toStepLine } from './run-board.ts';

/** A training says something every second, and a log is kept. */
const INTERVAL_MS = 10_000;

/**
 * Shows a run in the log of a job: what a step says while it runs is folded below its name, what came of it stands below that.
 * What somebody may have to act upon is said beside the job, too.
 */
export function createRunLog(log: Pick<JobLog, 'open' | 'close' | 'say' | 'annotate'>): RunBoard {
  const announced = new Set<PipelineStep | 'gate' | 'approval' | 'deployment'>();
  let open: PipelineStep | null = null;
  let said = '';
  let saidAt = 0;
  let isWaitingForWorker = false;

  function close(): void {
    if (open !== null) log.close();
    open = null;
  }

  function once(what: PipelineStep | 'gate' | 'approval' | 'deployment', say: () => void): void {
    if (announced.has(what)) return;
    announced.add(what);
    say();
  }

  function announce(step: StepState): void {
    if (open === step.step) close();
    log.say(toStepLine(step));
    if (step.cachedFrom !== null) {
      log.annotate('notice', `${step.step}: nothing was done again`, step.note.includes(step.cachedFrom) ? step.note : `Taken over from run ${step.cachedFrom}, which had the same inputs. ${step.note}`);
    }
  }

  function showRunning(step: StepState): void {
    if (open !== step.step) {
      close();
      log.open(step.step);
      open = step.step;
      said = '';
      saidAt = 0;
    }
    if (step.note === '' || step.note === said || Date.now() - saidAt < INTERVAL_MS) return;
    said = step.note;
    saidAt = Date.now();
    const time = step.startedAt === null ? '' : toDuration(Math.max(0, Date.now() - Date.parse(step.startedAt)));
    log.say(`  ${time.padStart(12)}   ${step.note}`);
  }

  function notice({ runName, gate, approval, steps, input, outcome }: RunState): void {
    if (gate !== null) {
      once('gate', () => {
        log.annotate(gate.passed ? 'notice' : 'warning', gate.passed ? 'The gate let the candidate pass' : 'The gate turned the candidate away', gate.reason);
      });
    }
    if (approval?.decision === null) {
      const { deadline } = approval;
      once('approval', () => {
        log.annotate('notice', 'A person must let the rollout through', `barometer approve ${runName}, or barometer reject ${runName} --reason '…', by ${toMinute(deadline)} UTC`);
      });
    }
    const skipped = steps.filter(({ step, status }) => status === 'skipped' && (step === 'build-image' || step === 'roll-out'));
    // With a candidate turned away, or a rollout that somebody refused, there is nothing to set.
    if (skipped.length > 0 && input.deploy !== 'off' && outcome !== 'rejected' && outcome !== 'not-approved' && gate?.passed !== false) {
      // Only once all are known: they come one after the other.
      if (steps.at(-1)?.status !== 'pending') {
        once('deployment', () => {
          log.annotate('notice', 'Not rolled out', [...new Set(skipped.map(({ note }) => note))].join(' '));
        });
      }
    }
  }

  return {
    show(state) {
      if (state === null) {
        if (!isWaitingForWorker) log.say('  … waiting for a worker to answer');
        isWaitingForWorker = true;
        return;
      }
      isWaitingForWorker = false;
      for (const step of state.steps) {
        if (isOver(step)) once(step.step, () => { announce(step); });
        else if (step.status === 'running') showRunning(step);
      }
      notice(state);
    },
    end: close,
  };
}
