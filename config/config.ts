import { z } from 'zod';
import type { ContainerImage, ImagePlatform } from '../domain/container-image.ts';
import { CONTAINER_IMAGES, containerImageSchema, IMAGE_PLATFORMS, imagePlatformSchema } from '../domain/container-image.ts';
import { Failure } from '../domain/failure.ts';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const megabytes = (fallback: number) => z.coerce.number().positive().default(fallback);
/** Paths are appended to it, so that it ends without a slash. */
const httpUrl = z.url({ protocol: /^https?$/, error: 'give a URL that begins with http:// or https://' }).transform((url) => url.replace(/\/+$/, ''));
/** `a,b`; empty entries don't count. */
const list = <Value extends string>(item: z.ZodType<Value>, fallback: readonly Value[]) =>
  z.preprocess((given) => (typeof given === 'string' ? splitList(given) : [...fallback]), z.array(item).min(1));
const splitList = (text: string) => text.split(',').map((each) => each.trim()).filter((each) => each !== '');
/** Images go to GitHub's registry where no other is named. */
const imageRepository = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$/, 'give a repository like ghcr.io/acme/barometer, in lower case and without a tag')
  .transform((name) => (/^([^/]*[.:][^/]*|localhost)\//.test(name) ? name : `ghcr.io/${name}`));
export const CONTAINER_ENGINES = ['buildx', 'buildah', 'podman'] as const;
export type ContainerEngineName = (typeof CONTAINER_ENGINES)[number];
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

  /** The git repository, a folder or a URL, that images are built and manifests are taken from; this code's own when not given. */
  BAROMETER_REPOSITORY: z.string().optional(),
  /** Where images are pushed, `<registry>/<path>`; each image is a repository below it. None are built when not given. */
  BAROMETER_IMAGE_REPOSITORY: imageRepository.optional(),
  BAROMETER_IMAGES: list(containerImageSchema, CONTAINER_IMAGES),
  BAROMETER_IMAGE_PLATFORMS: list(imagePlatformSchema, IMAGE_PLATFORMS),
  /** The first that is found when not given. */
  BAROMETER_CONTAINER_ENGINE: z.enum(CONTAINER_ENGINES).optional(),
  /** What the images are made from; the Dockerfiles' own choice when not given. */
  BAROMETER_BASE_IMAGE: z.string().optional(),
  /** What the build stages run in; the Dockerfiles' own choice when not given. */
  BAROMETER_BUILD_IMAGE: z.string().optional(),
  /** The registry speaks plain HTTP. */
  BAROMETER_REGISTRY_PLAIN_HTTP: z.stringbool().default(false),

  /** A kubeconfig file, or `in-cluster` for the service account of the pod. Nothing is rolled out when not given. */
  BAROMETER_KUBECONFIG: z.string().optional(),
  /** The kubeconfig's current context when not given. */
  BAROMETER_KUBE_CONTEXT: z.string().optional(),
  BAROMETER_KUBE_NAMESPACE: z.string().default('barometer'),
  /** The kustomize overlay, a folder of the commit's tree. */
  BAROMETER_KUBE_OVERLAY: z.string().default('k8s/overlays/local'),
  /** A rollout that has not come up by then is undone. */
  BAROMETER_ROLLOUT_DEADLINE_SECONDS: z.coerce.number().int().positive().default(600),
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
  /** A folder or a URL; null for this code's own. */
  readonly repository: string | null;
  readonly images: ImageConfig;
  readonly cluster: ClusterConfig;
}

export interface ImageConfig {
  /** Null: no images are built. */
  readonly repository: string | null;
  readonly images: readonly ContainerImage[];
  readonly platforms: readonly ImagePlatform[];
  readonly engine: ContainerEngineName | null;
  readonly baseImage: string | null;
  readonly buildImage: string | null;
  readonly plainHttp: boolean;
}

export interface ClusterConfig {
  /** A file, or `in-cluster`; null: nothing is rolled out. */
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly namespace: string;
  readonly overlay: string;
  readonly deadlineMs: number;
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
    repository: env.BAROMETER_REPOSITORY ?? null,
    images: {
      repository: env.BAROMETER_IMAGE_REPOSITORY ?? null,
      images: env.BAROMETER_IMAGES,
      platforms: env.BAROMETER_IMAGE_PLATFORMS,
      engine: env.BAROMETER_CONTAINER_ENGINE ?? null,
      baseImage: env.BAROMETER_BASE_IMAGE ?? null,
      buildImage: env.BAROMETER_BUILD_IMAGE ?? null,
      plainHttp: env.BAROMETER_REGISTRY_PLAIN_HTTP,
    },
    cluster: {
      kubeconfig: env.BAROMETER_KUBECONFIG ?? null,
      context: env.BAROMETER_KUBE_CONTEXT ?? null,
      namespace: env.BAROMETER_KUBE_NAMESPACE,
      overlay: env.BAROMETER_KUBE_OVERLAY,
      deadlineMs: env.BAROMETER_ROLLOUT_DEADLINE_SECONDS * 1000,
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
