import { z } from 'zod';

/** What the text of an environment variable may say, by kind of setting. */

const NO_PORT = 'give a port from 1 to 65535';
/** A port that others are told of, so that the system can't be left to choose one, as 0 would. */
export const port = (fallback: number) => z.coerce.number(NO_PORT).refine(isPort, NO_PORT).default(fallback);

function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 65_535;
}

/** Taken as it is, with its query and a slash at its end. */
export const webAddress = z.url({ protocol: /^https?$/, error: 'give a URL that begins with http:// or https://' });

/** Paths are appended to it, so that it ends without a slash. */
export const httpUrl = webAddress.transform((url) => url.replace(/\/+$/, ''));

export const share = (fallback: number) => z.coerce.number().min(0).max(1).default(fallback);

/** More than nothing of something: of megabytes, seconds. */
export const amount = (fallback: number) => z.coerce.number().positive().default(fallback);

export const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** `a,b`; empty entries don't count. */
export const list = <Value extends string>(item: z.ZodType<Value>, fallback: readonly Value[]) =>
  z.preprocess((given) => (typeof given === 'string' ? splitList(given) : [...fallback]), z.array(item).min(1));

/** The entries of `a, b`, without those that are empty. */
export function splitList(text: string): string[] {
  return text.split(',').map((each) => each.trim()).filter((each) => each !== '');
}

/** A concern's settings by the names of their environment variables, after they have been read. */
export type Given<Settings extends z.ZodRawShape> = z.output<z.ZodObject<Settings>>;
