import { toPercent } from '../../domain/wording.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { toSpan } from './format.ts';
import { toStatusText } from './run-status.ts';
import { toTable } from './table.ts';

/** Runs as a table. The name of a run says when it began and of which commit it is. */
export function toRunListText(entries: readonly RunEntry[], now: number): string {
  const rows = entries.map((entry) => [
    entry.runName,
    toStatusText(entry),
    entry.accuracy === null ? '' : toPercent(entry.accuracy),
    entry.modelVersion === null ? '' : String(entry.modelVersion),
    toSpan((entry.endedAt === null ? now : Date.parse(entry.endedAt)) - Date.parse(entry.startedAt)),
  ]);
  return toTable(['run', 'status', 'accuracy', 'model', 'time'], rows);
}

/** What to say where there is none. */
export function toEmptyText(isFiltered: boolean): string {
  return isFiltered ? 'No run is like that. `barometer runs` alone lists all.' : 'There is no run yet. Start one with `barometer run`.';
}
