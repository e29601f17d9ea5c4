import { startTemporalTracing } from '../adapters/telemetry/start-temporal-tracing.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import type { TemporalConnection } from '../adapters/temporal/connection.ts';
import type { Config } from '../config/config.ts';

/**
 * Opens a client of the Temporal server whose calls begin traces, where these are on. Closing it sends what is left of them.
 *
 * @throws Failure as `connectTemporal` does
 */
export async function openTemporal({ temporal, telemetry, code }: Pick<Config, 'temporal' | 'telemetry' | 'code'>): Promise<TemporalConnection> {
  const tracing = await startTemporalTracing(telemetry.tracing, { name: 'barometer-cli', version: code.gitSha, isBrief: true, warn: console.error });
  const opened = await connectTemporal(temporal, tracing.clientInterceptors);
  return { ...opened, close: () => opened.close().finally(tracing.end) };
}
