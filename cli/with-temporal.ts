import { startTemporalTracing } from '../adapters/telemetry/start-temporal-tracing.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import type { TemporalConnection } from '../adapters/temporal/connection.ts';
import { toServiceFailure } from '../adapters/temporal/service-failure.ts';
import type { Config } from '../config/config.ts';

type Settings = Pick<Config, 'temporal' | 'telemetry' | 'code'>;

/**
 * Does something with the Temporal server that the settings name, and closes the connection afterwards. Calls begin traces,
 * where these are on.
 *
 * @throws Failure as `connectTemporal` does, and in plain words when the server does not answer later on, has no such
 *   namespace, or turns us away
 */
export async function withTemporal<T>(config: Settings, work: (opened: Omit<TemporalConnection, 'close'>) => Promise<T>): Promise<T> {
  const { close, ...opened } = await openTemporal(config);
  try {
    return await work(opened);
  } catch (error) {
    throw toServiceFailure(error, config.temporal);
  } finally {
    await close();
  }
}

/** Closing it sends what is left of the traces. */
async function openTemporal({ temporal, telemetry, code }: Settings): Promise<TemporalConnection> {
  const tracing = await startTemporalTracing(telemetry.tracing, { name: 'barometer-cli', version: code.gitSha, isBrief: true, warn: console.error });
  const opened = await connectTemporal(temporal, tracing.clientInterceptors);
  return { ...opened, close: () => opened.close().finally(tracing.end) };
}
