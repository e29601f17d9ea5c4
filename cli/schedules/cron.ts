import { InvalidArgumentError } from 'commander';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const SHORTHANDS = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names that stand for numbers, from `least` on. */
  readonly names: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of the month', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day of the week', least: 0, most: 7, names: DAYS },
];

/**
 * A cron expression of five fields, or a shorthand such as `@daily`, as it was given.
 *
 * @throws InvalidArgumentError naming the field that is wrong
 */
export function toCron(text: string): string {
  const expression = text.trim().replaceAll(/\s+/g, ' ');
  if (SHORTHANDS.includes(expression)) return expression;
  const fields = expression.split(' ');
  if (fields.length !== FIELDS.length) {
    throw new InvalidArgumentError(`It has five fields: minute, hour, day of the month, month, day of the week. "0 3 * * *" is every day at 3:00; ${SHORTHANDS.join(', ')} will do, too.`);
  }
  for (const [index, field] of FIELDS.entries()) requireField(fields[index]!, field);
  return expression;
}

function requireField(text: string, field: Field): void {
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const ends = range === '*' ? [field.least, field.most] : range.split('-').map((value) => toNumber(value, field));
    const [first = NaN, last = first] = ends;
    const isStepGood = step === undefined || (/^\d+$/.test(step) && Number(step) > 0);
    if (more.length > 0 || !isStepGood || ends.length > 2 || !ends.every((value) => value >= field.least && value <= field.most) || first > last) {
      throw new InvalidArgumentError(`"${part}" is no ${field.name}: a number from ${field.least} to ${field.most}, "*", a range as in 1-5, or steps as in */2.`);
    }
  }
}

function toNumber(text: string, { names, least }: Field): number {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return index + least;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
