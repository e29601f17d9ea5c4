import { z } from 'zod';
import { Failure } from '../domain/failure.ts';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const megabytes = (fallback: number) => z.coerce.number().positive().default(fallback);
/** Paths are appended to it, so that it ends without a slash. */
const httpUrl = z.url({ protocol: /^https?$/, error: 'give a URL that begins with http:// or https://' }).transform((url) => url.replace(/\/+$/, ''));
const BYTES_PER_MB = 1024 * 1024;

/**
 * Every setting of Barometer: its environment variable, what it means and what it is when nothing is said. This file and
 * `loadConfig` are the only readers of the environment.
 */
const environmentSchema = z.object({
  /** Temporal frontend, `host:port`; the embedded server when not given. */
  BAROMETER_TEMPORAL_ADDRESS: z.string().optional(),
  BAROMETER_TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Where people watch runs; only used to print links. */
  BAROMETER_TEMPORAL_UI: httpUrl.optional(),

  /** Connection string of the storage account (Azurite, or an account key). Wins over the account URL. */
  BAROMETER_STORAGE_CONNECTION_STRING: z.string().optional(),
  /** `https://<account>.blob.core.windows.net`, signed in to with DefaultAzureCredential. */
  BAROMETER_STORAGE_ACCOUNT_URL: httpUrl.optional(),

  /** Where the embedded stack keeps its state. */
  BAROMETER_STATE_DIR: z.string().default('.barometer'),
  /** Path of the `temporal` executable for the embedded stack. */
  BAROMETER_TEMPORAL_CLI: z.string().default('temporal'),
  BAROMETER_TEMPORAL_PORT: port(7233),
  BAROMETER_TEMPORAL_UI_PORT: port(8233),
  BAROMETER_AZURITE_PORT: port(10_000),

  BAROMETER_API_HOST: z.string().default('127.0.0.1'),
  BAROMETER_API_PORT: port(8080),
  /** Where `barometer predict` asks. */
  BAROMETER_API_URL: httpUrl.optional(),
  /** `latest`, or a version number to pin. */
  BAROMETER_MODEL_VERSION: z.union([z.literal('latest'), z.coerce.number().int().positive()], 'give "latest" or a version number').default('latest'),
  /** How often the API looks whether `latest` has moved. */
  BAROMETER_MODEL_POLL_SECONDS: z.coerce.number().positive().default(2),
  BAROMETER_MAX_IMAGE_MB: megabytes(10),
  /** Width times height. */
  BAROMETER_MAX_IMAGE_MEGAPIXELS: megabytes(50),
  BAROMETER_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),

  /** A candidate below this accuracy on the test images is turned away. */
  BAROMETER_MINIMUM_ACCURACY: z.coerce.number().min(0).max(1).default(0.35),
  /** A run stops when more than this share of the raw images can't be used. */
  BAROMETER_MAX_REFUSED_SHARE: z.coerce.number().min(0).max(1).default(0.2),
  /** Raw images in one resize activity, and so in one shard. */
  BAROMETER_SHARD_SIZE: z.coerce.number().int().positive().default(2000),
});

export interface Config {
  readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string };
  readonly storage: StorageConfig;
  readonly embedded: {
    readonly stateDir: string;
    readonly temporalCli: string;
    readonly temporalPort: number;
    readonly temporalUiPort: number;
    readonly azuritePort: number;
  };
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly url: string;
    readonly modelVersion: 'latest' | number;
    readonly modelPollMs: number;
  };
  readonly logLevel: string;
  readonly imageLimits: { readonly maxBytes: number; readonly maxPixels: number };
  readonly pipeline: { readonly minimumAccuracy: number; readonly maxRefusedShare: number; readonly shardSize: number };
}

/** How to reach the storage account: by connection string, or by URL with the identity of the process. */
export type StorageConfig =
  | { readonly connectionString: string }
  | { readonly accountUrl: string };

/** The account that Azurite serves out of the box; its key is public and part of Azurite's documentation. */
export function toAzuriteConnectionString(azuritePort: number): string {
  return [
    'DefaultEndpointsProtocol=http',
    'AccountName=devstoreaccount1',
    'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
    `BlobEndpoint=http://127.0.0.1:${azuritePort}/devstoreaccount1`,
  ].join(';');
}

/**
 * Reads the settings from environment variables; empty and blank ones count as absent.
 *
 * @throws Failure `configuration-invalid` naming each variable that can't be used, and why
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Failure('configuration-invalid', `These environment variables can't be used:\n  ${problems.join('\n  ')}`);
  }
  const env = parsed.data;
  return {
    temporal: {
      address: env.BAROMETER_TEMPORAL_ADDRESS ?? `127.0.0.1:${env.BAROMETER_TEMPORAL_PORT}`,
      namespace: env.BAROMETER_TEMPORAL_NAMESPACE,
      uiUrl: env.BAROMETER_TEMPORAL_UI ?? `http://127.0.0.1:${env.BAROMETER_TEMPORAL_UI_PORT}`,
    },
    storage: toStorageConfig(env),
    embedded: {
      stateDir: env.BAROMETER_STATE_DIR,
      temporalCli: env.BAROMETER_TEMPORAL_CLI,
      temporalPort: env.BAROMETER_TEMPORAL_PORT,
      temporalUiPort: env.BAROMETER_TEMPORAL_UI_PORT,
      azuritePort: env.BAROMETER_AZURITE_PORT,
    },
    api: {
      host: env.BAROMETER_API_HOST,
      port: env.BAROMETER_API_PORT,
      url: env.BAROMETER_API_URL ?? `http://127.0.0.1:${env.BAROMETER_API_PORT}`,
      modelVersion: env.BAROMETER_MODEL_VERSION,
      modelPollMs: env.BAROMETER_MODEL_POLL_SECONDS * 1000,
    },
    logLevel: env.BAROMETER_LOG_LEVEL,
    imageLimits: {
      maxBytes: Math.round(env.BAROMETER_MAX_IMAGE_MB * BYTES_PER_MB),
      maxPixels: Math.round(env.BAROMETER_MAX_IMAGE_MEGAPIXELS * 1_000_000),
    },
    pipeline: {
      minimumAccuracy: env.BAROMETER_MINIMUM_ACCURACY,
      maxRefusedShare: env.BAROMETER_MAX_REFUSED_SHARE,
      shardSize: env.BAROMETER_SHARD_SIZE,
    },
  };
}

function toStorageConfig(env: z.infer<typeof environmentSchema>): StorageConfig {
  if (env.BAROMETER_STORAGE_CONNECTION_STRING) return { connectionString: env.BAROMETER_STORAGE_CONNECTION_STRING };
  if (env.BAROMETER_STORAGE_ACCOUNT_URL) return { accountUrl: env.BAROMETER_STORAGE_ACCOUNT_URL };
  return { connectionString: toAzuriteConnectionString(env.BAROMETER_AZURITE_PORT) };
}

/** Environment of a child process: this one's own, and what its settings have been decided to be. */
export function toChildEnvironment(overrides: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...overrides };
}

/** Environment of the `train` program: the storage account is all that it needs to be told. */
export function toTrainingEnvironment(storage: StorageConfig): Record<string, string | undefined> {
  return toChildEnvironment(
    'connectionString' in storage
      ? { BAROMETER_STORAGE_CONNECTION_STRING: storage.connectionString }
      : // A connection string that lies about in this environment would win.
        { BAROMETER_STORAGE_ACCOUNT_URL: storage.accountUrl, BAROMETER_STORAGE_CONNECTION_STRING: '' },
  );
}
