import { Context } from '@temporalio/activity';
import type { TrainingEvent } from '../domain/training.ts';
import { toPercent } from '../domain/wording.ts';

export interface TrainingFollower {
  onEvent(event: TrainingEvent): void;
  /** Waits for a report that is under way. */
  end(): Promise<void>;
}

/** The workflow's history grows by one event a report; who wants to know more often looks at the heartbeats. */
const REPORT_INTERVAL_MS = 30_000;

/**
 * Turns the program's events into heartbeats, which the UI shows on the pending activity, and now and then a report. Both
 * name the candidate where the run has several.
 */
export function createTrainingFollower(
  candidate: string | null,
  report: (details: unknown) => void,
  reportProgress: (note: string) => Promise<void>,
): TrainingFollower {
  const { log } = Context.current();
  let details: Record<string, unknown> = { stage: 'starting' };
  let reportedAt = 0;
  let reporting: Promise<void> = Promise.resolve();
  heartbeat();

  function heartbeat(): void {
    report(candidate === null ? details : { candidate, ...details });
  }

  function tellWorkflow(note: string): void {
    const now = Date.now();
    if (now - reportedAt < REPORT_INTERVAL_MS) return;
    reportedAt = now;
    reporting = reportProgress(candidate === null ? note : `${candidate}: ${note}`).catch((error: unknown) => {
      log.warn('a progress report was lost', { error });
    });
  }

  return {
    onEvent(event: TrainingEvent): void {
      const note = toNote(event);
      details = { ...toDetails(details, event), ...(note === null ? {} : { note }) };
      heartbeat();
      if (event.type === 'log') log.info(event.message);
      if (note !== null) tellWorkflow(note);
    },
    end: () => reporting,
  };
}

function toDetails(before: Record<string, unknown>, event: TrainingEvent): Record<string, unknown> {
  switch (event.type) {
    case 'waiting':
      return { ...before, stage: 'waiting' };
    case 'reading':
      return { stage: 'reading', samples: event.samples, ofSamples: event.ofSamples };
    case 'started':
      return { stage: 'training', samples: event.samples, resumedFromEpoch: event.resumedFromEpoch };
    case 'batch':
      return { ...before, stage: 'training', epoch: event.epoch, epochs: event.epochs, batch: event.batch, batches: event.batches };
    case 'epoch':
      return { ...before, finished: event.metrics };
    case 'checkpoint':
      return { ...before, checkpointEpoch: event.epoch };
    case 'log':
    case 'failed':
      return before;
  }
}

/** One line for people, or null when the event says nothing that they would miss. */
function toNote(event: TrainingEvent): string | null {
  switch (event.type) {
    case 'waiting':
      return event.message;
    case 'reading':
      return `read ${event.samples} of ${event.ofSamples} samples`;
    case 'started':
      return event.resumedFromEpoch === 0 ? 'training begins' : `goes on after epoch ${event.resumedFromEpoch}`;
    case 'epoch': {
      const { epoch, epochs, loss, validationLoss, validationAccuracy } = event.metrics;
      const validation = `validation ${toPercent(validationAccuracy)} (loss ${validationLoss.toFixed(3)})`;
      return `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}, ${validation}`;
    }
    default:
      return null;
  }
}
