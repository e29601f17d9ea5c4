import { z } from 'zod';
import type { Given } from './setting.ts';
import { port } from './setting.ts';

/** The stack on one machine that `barometer up` starts. */
export const embeddedSettings = {
  /** Where it keeps its state. */
  BAROMETER_STATE_DIR: z.string().default('.barometer'),
  /** Path of the `temporal` executable. */
  BAROMETER_TEMPORAL_CLI: z.string().default('temporal'),
  BAROMETER_TEMPORAL_PORT: port(7233),
  BAROMETER_TEMPORAL_UI_PORT: port(8233),
  /** Address that Azurite listens on. Its key is public: any other than loopback lets all who reach it read and write. */
  BAROMETER_AZURITE_HOST: z.string().default('127.0.0.1'),
  BAROMETER_AZURITE_PORT: port(10_000),
};

export interface EmbeddedConfig {
  readonly stateDir: string;
  readonly temporalCli: string;
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  readonly azuriteHost: string;
  readonly azuritePort: number;
}

export function toEmbeddedConfig(given: Given<typeof embeddedSettings>): EmbeddedConfig {
  return {
    stateDir: given.BAROMETER_STATE_DIR,
    temporalCli: given.BAROMETER_TEMPORAL_CLI,
    temporalPort: given.BAROMETER_TEMPORAL_PORT,
    temporalUiPort: given.BAROMETER_TEMPORAL_UI_PORT,
    azuriteHost: given.BAROMETER_AZURITE_HOST,
    azuritePort: given.BAROMETER_AZURITE_PORT,
  };
}
