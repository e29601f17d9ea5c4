import type { RunEntry } from '../runs/run-entry.ts';

const OUTCOMES: Readonly<Record<string, string>> = {
  registered: 'registered',
  rejected: 'turned away',
  'not-approved': 'not approved',
  completed: 'done, nothing trained',
};

/** How a run stands, in a few words. */
export function toStatusText({ status, step, outcome }: Pick<RunEntry, 'status' | 'step' | 'outcome'>): string {
  switch (status) {
    case 'waiting':
      return 'waits for approval';
    case 'running':
      if (outcome !== null) return 'finishing';
      return step === null ? 'running' : `running: ${step}`;
    case 'succeeded':
      return outcome === null ? 'done' : (OUTCOMES[outcome] ?? outcome);
    case 'failed':
    case 'cancelled':
      return step === null ? status : `${status} at ${step}`;
  }
}
