import { z } from 'zod';
import type { Given } from './setting.ts';
import { amount, splitList } from './setting.ts';

const NO_ORIGIN = 'give origins like https://venue.example, separated by commas';

/** Who may call the API, how often, and from which pages. */
export const accessSettings = {
  /** Whether those without a key may ask. When nothing is said: on a loopback address, as long as no key was ever made. */
  BAROMETER_API_OPEN: z.stringbool().optional(),
  /** Sent by `barometer predict`. */
  BAROMETER_API_KEY: z.string().trim().optional(),
  /** How often the API looks whether keys were made or revoked. */
  BAROMETER_API_KEYS_POLL_SECONDS: amount(2),
  /** Of each key, or address where no key is asked for, in each process; 0 for no limit. */
  BAROMETER_API_REQUESTS_PER_MINUTE: z.coerce.number().int().nonnegative().default(3000),
  /** Whose pages may read the answers, beside the API's own. */
  BAROMETER_API_CORS_ORIGINS: z
    .string()
    .default('')
    .transform(splitList)
    .pipe(z.array(z.string().refine(isOrigin, NO_ORIGIN))),
};

export interface AccessConfig {
  /** Null: as the address that the API listens on, and the keys, decide. */
  readonly open: boolean | null;
  readonly key: string | null;
  readonly keysPollMs: number;
  readonly requestsPerMinute: number;
  readonly corsOrigins: readonly string[];
}

export function toAccessConfig(given: Given<typeof accessSettings>): AccessConfig {
  return {
    open: given.BAROMETER_API_OPEN ?? null,
    key: given.BAROMETER_API_KEY ?? null,
    keysPollMs: given.BAROMETER_API_KEYS_POLL_SECONDS * 1000,
    requestsPerMinute: given.BAROMETER_API_REQUESTS_PER_MINUTE,
    corsOrigins: given.BAROMETER_API_CORS_ORIGINS,
  };
}

/** As browsers send it: no path, not even a slash. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
