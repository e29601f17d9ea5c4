import { z } from 'zod';
import type { EmbeddedConfig } from './embedded.ts';
import type { Given } from './setting.ts';
import { httpUrl } from './setting.ts';

/** The Temporal server that runs the pipeline; the embedded one when nothing is said. */
export const temporalSettings = {
  /** Its frontend, `host:port`. */
  BAROMETER_TEMPORAL_ADDRESS: z.string().optional(),
  BAROMETER_TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Where people watch runs; only used to print links. */
  BAROMETER_TEMPORAL_UI: httpUrl.optional(),
};

export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
}

export function toTemporalConfig(given: Given<typeof temporalSettings>, { temporalPort, temporalUiPort }: EmbeddedConfig): TemporalConfig {
  return {
    address: given.BAROMETER_TEMPORAL_ADDRESS ?? `127.0.0.1:${temporalPort}`,
    namespace: given.BAROMETER_TEMPORAL_NAMESPACE,
    uiUrl: given.BAROMETER_TEMPORAL_UI ?? `http://127.0.0.1:${temporalUiPort}`,
  };
}
