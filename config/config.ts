import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { ImageLimits } from '../domain/image-transform.ts';
import type { AccessConfig } from './access.ts';
import { accessSettings, toAccessConfig } from './access.ts';
import type { ApiConfig } from './api.ts';
import { apiSettings, toApiConfig } from './api.ts';
import type { AzureMlConfig } from './azure-ml.ts';
import { azureMlSettings, toAzureMlConfig } from './azure-ml.ts';
import type { CodeConfig } from './code.ts';
import { codeSettings, toCodeConfig } from './code.ts';
import type { ClusterConfig } from './cluster.ts';
import { clusterSettings, toClusterConfig } from './cluster.ts';
import type { EmbeddedConfig } from './embedded.ts';
import { embeddedSettings, toEmbeddedConfig } from './embedded.ts';
import type { GithubConfig } from './github.ts';
import { githubSettings, toGithubConfig } from './github.ts';
import { imageLimitSettings, toImageLimits } from './image-limits.ts';
import type { ImageConfig } from './images.ts';
import { imageSettings, toImageConfig } from './images.ts';
import type { MlflowConfig } from './mlflow.ts';
import { mlflowSettings, toMlflowConfig } from './mlflow.ts';
import type { NotificationConfig } from './notifications.ts';
import { notificationSettings, toNotificationConfig } from './notifications.ts';
import type { PipelineConfig } from './pipeline.ts';
import { pipelineSettings, toPipelineConfig } from './pipeline.ts';
import type { StorageConfig } from './storage.ts';
import { storageSettings, toStorageConfig } from './storage.ts';
import type { TelemetryConfig } from './telemetry.ts';
import { telemetrySettings, toTelemetryConfig } from './telemetry.ts';
import type { TemporalConfig } from './temporal.ts';
import { temporalSettings, toTemporalConfig } from './temporal.ts';
import type { VenueWebhookConfig } from './venue-webhooks.ts';
import { toVenueWebhookConfig, venueWebhookSettings } from './venue-webhooks.ts';
import type { WorkerConfig } from './workers.ts';
import { toWorkerConfig, workerSettings } from './workers.ts';

/**
 * Every setting of Barometer: its environment variable, what it means and what it is when nothing is said, by concern.
 * Nothing outside this folder reads the environment.
 */
const environmentSchema = z.object({
  ...temporalSettings,
  ...storageSettings,
  ...embeddedSettings,
  ...apiSettings,
  ...accessSettings,
  ...imageLimitSettings,
  ...pipelineSettings,
  ...imageSettings,
  ...clusterSettings,
  ...mlflowSettings,
  ...azureMlSettings,
  ...notificationSettings,
  ...venueWebhookSettings,
  ...codeSettings,
  ...workerSettings,
  ...telemetrySettings,
  ...githubSettings,
  BAROMETER_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** The git repository, a folder or a URL, that images are built and manifests are taken from; this code's own when not given. */
  BAROMETER_REPOSITORY: z.string().optional(),
});

export interface Config {
  readonly temporal: TemporalConfig;
  readonly storage: StorageConfig;
  readonly embedded: EmbeddedConfig;
  readonly api: ApiConfig;
  readonly access: AccessConfig;
  readonly logLevel: string;
  readonly imageLimits: ImageLimits;
  readonly pipeline: PipelineConfig;
  /** A folder or a URL; null for this code's own. */
  readonly repository: string | null;
  readonly images: ImageConfig;
  readonly cluster: ClusterConfig;
  /** Null: trainings are charted in their run's folder alone. */
  readonly mlflow: MlflowConfig | null;
  readonly azureMl: AzureMlConfig;
  readonly notifications: NotificationConfig;
  readonly venueWebhooks: VenueWebhookConfig;
  readonly code: CodeConfig;
  readonly workers: WorkerConfig;
  readonly telemetry: TelemetryConfig;
  readonly github: GithubConfig;
}

/**
 * Reads the settings from environment variables; empty and blank ones count as absent.
 *
 * @throws Failure `configuration-invalid` naming each variable that can't be used, and why
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Failure('configuration-invalid', `These environment variables can't be used:\n  ${problems.join('\n  ')}`);
  }
  const given = parsed.data;
  const embedded = toEmbeddedConfig(given);
  return {
    temporal: toTemporalConfig(given, embedded),
    storage: toStorageConfig(given, embedded),
    embedded,
    api: toApiConfig(given),
    access: toAccessConfig(given),
    logLevel: given.BAROMETER_LOG_LEVEL,
    imageLimits: toImageLimits(given),
    pipeline: toPipelineConfig(given),
    repository: given.BAROMETER_REPOSITORY ?? null,
    images: toImageConfig(given),
    cluster: toClusterConfig(given),
    mlflow: toMlflowConfig(given),
    azureMl: toAzureMlConfig(given),
    notifications: toNotificationConfig(given),
    venueWebhooks: toVenueWebhookConfig(given),
    code: toCodeConfig(given),
    workers: toWorkerConfig(given),
    telemetry: toTelemetryConfig(given),
    github: toGithubConfig(given),
  };
}
