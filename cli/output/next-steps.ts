import { toRestartStep } from '../../domain/retry.ts';
import type { RunDetails } from '../runs/read-run.ts';
import { isUnderWay } from '../runs/run-entry.ts';

/** Longer than a worker that is there leaves an activity waiting. */
const UNTAKEN_MS = 30_000;

/** What a person may do about a run now; nothing where all is well. */
export function toNextSteps({ entry, state, history, isAnswered }: RunDetails, now = Date.now()): string[] {
  const { runName } = entry;
  if (entry.status === 'failed' || entry.status === 'cancelled') {
    const step = state === null ? null : toRestartStep(state);
    return [step === null ? `Start it again: barometer run --git-sha ${entry.gitSha}` : `Try again from there: barometer retry ${runName} --from ${step}`];
  }
  if (entry.status === 'succeeded' && entry.outcome === 'not-approved') return [`Ask again: barometer retry ${runName} --from approve`];
  if (!isUnderWay(entry)) return [];
  const untaken = history?.waiting.filter(({ since }) => now - Date.parse(since) > UNTAKEN_MS).map(({ activity }) => activity) ?? [];
  return [
    ...(entry.status === 'waiting' ? [`Decide: barometer approve ${runName}`, `or: barometer reject ${runName} --reason …`] : []),
    ...(isAnswered === false ? ['No worker of the role "pipeline" is running: start one with `barometer worker`.'] : []),
    ...(untaken.length === 0 ? [] : [`No worker has taken up ${[...new Set(untaken)].join(', ')}: is one of its role running? \`barometer worker --role data,train,deploy\` starts one.`]),
  ];
}
