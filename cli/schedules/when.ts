import { InvalidArgumentError } from 'commander';
import type { ScheduleSpec } from '@temporalio/client';
import { Failure } from '../../domain/failure.ts';
import { toNumberOf } from '../../domain/wording.ts';

/** When a schedule's turns come: by the clock in a time zone, or every so often. */
export interface When {
  readonly spec: ScheduleSpec;
  /** In words for people. */
  readonly text: string;
}

const UNITS: Readonly<Record<string, { readonly ms: number; readonly name: string }>> = {
  m: { ms: 60_000, name: 'minute' },
  h: { ms: 3_600_000, name: 'hour' },
  d: { ms: 86_400_000, name: 'day' },
};

/** `15m`, `6h`, `1d` in milliseconds. @throws InvalidArgumentError */
export function toEveryMs(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)\s*([mhd])$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (UNITS[unit]?.ms ?? NaN);
  if (!(ms > 0)) throw new InvalidArgumentError('It is a number of minutes, hours or days: 15m, 6h, 1d.');
  return ms;
}

/** A name of the IANA time zone database, as it was given. @throws InvalidArgumentError */
export function toTimeZone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError('It is a name such as Europe/Berlin or UTC.');
  }
}

export interface WhenOptions {
  readonly cron?: string;
  readonly timeZone?: string;
  readonly every?: number;
  readonly onUpload?: true;
}

const UPLOADS_LOOKED_FOR_MS = 5 * 60_000;

/** @throws Failure `input-invalid` when not exactly one way is given */
export function toWhen({ cron, timeZone, every, onUpload }: WhenOptions): When {
  const given = [cron, every, onUpload].filter((each) => each !== undefined);
  if (given.length !== 1) throw new Failure('input-invalid', 'Say when runs are to start, in one way: --cron, --every or --on-upload.');
  if (timeZone !== undefined && cron === undefined) throw new Failure('input-invalid', 'A --time-zone is of use with --cron only.');
  if (cron !== undefined) {
    const zone = timeZone ?? 'UTC';
    return { spec: { cronExpressions: [cron], timezone: zone }, text: `${cron} (${zone})` };
  }
  const everyMs = every ?? UPLOADS_LOOKED_FOR_MS;
  return { spec: { intervals: [{ every: everyMs }] }, text: onUpload ? 'on uploads' : `every ${toWords(everyMs)}` };
}

/** In the largest unit that it is a whole number of. */
function toWords(ms: number): string {
  const { ms: unitMs, name } = Object.values(UNITS).findLast((unit) => ms % unit.ms === 0)!;
  const number = ms / unitMs;
  return number === 1 ? name : toNumberOf(number, name);
}
