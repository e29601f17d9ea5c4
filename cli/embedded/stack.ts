import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aborted } from 'node:util';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { connectTemporal } from '../../adapters/temporal/connection.ts';
import { toChildEnvironment } from '../../config/child-environment.ts';
import type { Config } from '../../config/config.ts';
import { toAzuriteConnectionString } from '../../config/storage.ts';
import { PLAIN_TEMPORAL } from '../../config/temporal.ts';
import { toTaskQueue } from '../../domain/names.ts';
import type { Part } from './part.ts';
import { startPart, waitUntilReady } from './part.ts';
import { requireFreePorts } from './ports.ts';
import { keepVenueSecret } from './venue-secret.ts';

/** Everything on one machine: Temporal with its UI, a storage account, a worker with all roles, and the API. */
export interface Stack {
  /** Rejects when a part ends that was not asked to. */
  readonly broken: Promise<never>;
  /** Ends every part, the last one first. */
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Settings whose `temporal`, `storage` and `api` point at the embedded ones: see {@link toEmbeddedConfig}. */
  readonly config: Config;
  /** Called around the start of each part. */
  readonly onStarting: (what: string) => void;
  readonly onReady: (what: string, where: string) => void;
  /** Aborting it while parts start ends those that have. */
  readonly signal: AbortSignal;
}

/** The settings with everything outside replaced by what the stack brings. */
export function toEmbeddedConfig(config: Config): Config {
  const { temporalPort, temporalUiPort, azuritePort } = config.embedded;
  return {
    ...config,
    temporal: { ...config.temporal, address: `127.0.0.1:${temporalPort}`, uiUrl: `http://127.0.0.1:${temporalUiPort}`, tls: null, apiKey: null },
    storage: { connectionString: toAzuriteConnectionString(azuritePort) },
    api: { ...config.api, url: `http://127.0.0.1:${config.api.port}` },
  };
}

/**
 * @throws Failure `configuration-invalid` for taken ports, `dependency-unavailable` for a part that does not start; the
 *   signal's reason when it is aborted
 */
export async function startStack({ config, onStarting, onReady, signal }: StackOptions): Promise<Stack> {
  const { embedded, temporal, storage, api } = config;
  const hasCodec = temporal.payloadKeys.length > 0;
  await requireFreePorts([
    { port: embedded.temporalPort, what: 'the Temporal server', variable: 'BAROMETER_TEMPORAL_PORT' },
    { port: embedded.temporalUiPort, what: 'the Temporal UI', variable: 'BAROMETER_TEMPORAL_UI_PORT' },
    { port: embedded.azuritePort, what: 'the storage account', variable: 'BAROMETER_AZURITE_PORT' },
    { port: api.port, what: 'the API', variable: 'BAROMETER_API_PORT' },
    ...(hasCodec ? [{ port: temporal.codecPort, what: 'the codec server', variable: 'BAROMETER_CODEC_PORT' }] : []),
  ]);
  const stateDir = resolve(embedded.stateDir);
  const logDir = join(stateDir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const environment = toChildEnvironment({
    ...PLAIN_TEMPORAL,
    // There is no other worker to go on with anything meanwhile.
    BAROMETER_SHUTDOWN_GRACE_SECONDS: '2',
    BAROMETER_TEMPORAL_ADDRESS: temporal.address,
    BAROMETER_TEMPORAL_UI: temporal.uiUrl,
    BAROMETER_STORAGE_CONNECTION_STRING: toAzuriteConnectionString(embedded.azuritePort),
    // Whoever tries alerts of venues here has their receiver here, too.
    BAROMETER_VENUE_WEBHOOK_NETWORK: 'private',
    ...(config.venueWebhooks.secrets.length === 0 && { BAROMETER_VENUE_WEBHOOK_SECRET: keepVenueSecret(embedded.stateDir) }),
  });

  const interrupted = aborted(signal, signal).then((): never => {
    throw signal.reason;
  });
  interrupted.catch(() => undefined);
  const parts: Part[] = [];
  let isStopping = false;
  const { promise: broken, reject: breakDown } = Promise.withResolvers<never>();
  broken.catch(() => undefined);

  async function start(what: string, where: string, args: readonly string[], limitMs: number, check: () => Promise<unknown>): Promise<void> {
    onStarting(what);
    const name = what.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    const part = startPart({ name: what, args, environment, logFile: join(logDir, `${name}.log`) });
    parts.push(part);
    void part.ended.then((how) => {
      if (!isStopping) breakDown(part.toFailure(how));
    });
    await Promise.race([waitUntilReady(part, limitMs, check), interrupted]);
    onReady(what, where);
  }

  async function stop(): Promise<void> {
    isStopping = true;
    for (const part of parts.toReversed()) await part.stop();
  }

  try {
    const blobs = createAzureBlobStore(storage, { maxTries: 1 });
    await start('Storage', `http://127.0.0.1:${embedded.azuritePort}`, toAzuriteArgs(stateDir, embedded), 30_000, () =>
      blobs.ensureContainers(),
    );
    await start('Temporal', temporal.uiUrl, toTemporalArgs(stateDir, config), 60_000, async () => {
      await (await connectTemporal(temporal)).close();
    });
    if (hasCodec) {
      const url = toCodecUrl(temporal);
      await start('Codec', url, [toPath('../main.ts'), 'codec-server'], 30_000, async () => {
        await fetch(url);
      });
    }
    await start('Worker', 'all roles', [toPath('../main.ts'), 'worker'], 60_000, () => workerPolls(config));
    await start('API', api.url, [toPath('../main.ts'), 'api'], 30_000, async () => {
      const { ok } = await fetch(`${api.url}/healthz`);
      if (!ok) throw new Error('not yet');
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { broken, stop };
}

function toPath(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function toTemporalArgs(stateDir: string, { embedded, temporal }: Config): string[] {
  return [
    toPath('guard.ts'),
    embedded.temporalCli,
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(embedded.temporalPort), '--ui-port', String(embedded.temporalUiPort)],
    ...['--namespace', temporal.namespace, '--db-filename', join(stateDir, 'temporal.db'), '--log-level', 'error'],
    ...(temporal.payloadKeys.length > 0 ? ['--ui-codec-endpoint', toCodecUrl(temporal)] : []),
  ];
}

function toCodecUrl({ codecPort }: Config['temporal']): string {
  return `http://127.0.0.1:${codecPort}`;
}

function toAzuriteArgs(stateDir: string, { azuriteHost, azuritePort }: Config['embedded']): string[] {
  const azurite = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const where = ['--location', join(stateDir, 'azurite'), '--blobHost', azuriteHost, '--blobPort', String(azuritePort)];
  // Today's SDK speaks a newer version of the protocol than Azurite has heard of.
  return [toPath('guard.ts'), process.execPath, azurite, ...where, '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
}

/** A worker is there when the server knows of somebody who polls for the last role that starts. */
async function workerPolls({ temporal: address }: Config): Promise<void> {
  const { connection, close } = await connectTemporal(address);
  try {
    // Of its two kinds of tasks, the server tells about those for workflows when it is not told which.
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: address.namespace,
      taskQueue: { name: toTaskQueue('pipeline') },
    });
    if (pollers.length === 0) throw new Error('not yet');
  } finally {
    await close();
  }
}
