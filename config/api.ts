import { z } from 'zod';
import type { Given } from './setting.ts';
import { amount, httpUrl, port } from './setting.ts';

/** The API, for itself and for those who ask it. */
export const apiSettings = {
  BAROMETER_API_HOST: z.string().default('127.0.0.1'),
  BAROMETER_API_PORT: port(8080),
  /** Where `barometer predict` asks. */
  BAROMETER_API_URL: httpUrl.optional(),
  /** `latest`, or a version number to pin. */
  BAROMETER_MODEL_VERSION: z.union([z.literal('latest'), z.coerce.number().int().positive()], 'give "latest" or a version number').default('latest'),
  /** How often the API looks whether `latest` has moved. */
  BAROMETER_MODEL_POLL_SECONDS: amount(2),
};

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly modelVersion: 'latest' | number;
  readonly modelPollMs: number;
}

export function toApiConfig(given: Given<typeof apiSettings>): ApiConfig {
  return {
    host: given.BAROMETER_API_HOST,
    port: given.BAROMETER_API_PORT,
    url: given.BAROMETER_API_URL ?? `http://127.0.0.1:${given.BAROMETER_API_PORT}`,
    modelVersion: given.BAROMETER_MODEL_VERSION,
    modelPollMs: given.BAROMETER_MODEL_POLL_SECONDS * 1000,
  };
}
