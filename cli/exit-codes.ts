import type { RunEnd } from './pipeline-runs.ts';

/** What the exit code of a command that waits for a run says. 1 is also what every other error ends with. */
export const EXIT_CODES = { succeeded: 0, failed: 1, 'turned away by the gate': 3, 'not approved': 4 } as const;

/** For the help of commands that wait for a run. */
export const EXIT_CODE_TEXT = `Exit codes: ${Object.entries(EXIT_CODES).map(([name, code]) => `${code} ${name}`).join(', ')}.`;

export function toExitCode(end: RunEnd): number {
  if (end.status !== 'succeeded') return EXIT_CODES.failed;
  if (end.state.outcome === 'rejected') return EXIT_CODES['turned away by the gate'];
  return end.state.outcome === 'not-approved' ? EXIT_CODES['not approved'] : EXIT_CODES.succeeded;
}
