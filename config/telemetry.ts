import { isIP } from 'node:net';
import { z } from 'zod';
import type { Given } from './setting.ts';

const NO_URL = 'give a URL that begins with http:// or https://, for example http://127.0.0.1:4318';
const NO_ADDRESS = 'give an address and a port, for example 127.0.0.1:9464, or 0.0.0.0:9464 for all addresses of this machine';

const endpoint = z.url({ protocol: /^https?$/, error: NO_URL }).optional();

/**
 * What tells of Barometer while it works. Traces are switched on by OpenTelemetry's own variables; those that are not named
 * here (headers, sampler, limits, …) are read by its SDK.
 */
export const telemetrySettings = {
  /** An OTLP collector that speaks HTTP; no traces when neither of these two is given. */
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  /** Milliseconds for a batch of spans to arrive, its retries included. */
  OTEL_EXPORTER_OTLP_TIMEOUT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: z.string().optional(),
  /** What this process is called in traces, instead of its own name. */
  OTEL_SERVICE_NAME: z.string().optional(),
  /** The span that this process was started in, as W3C Trace Context writes it. */
  TRACEPARENT: z.string().optional(),
  /** Where workers show Prometheus their metrics, `host:port`; nowhere when not given. */
  BAROMETER_WORKER_METRICS_ADDRESS: z.string().transform(toListenAddress).optional(),
};

export interface ListenAddress {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  /** Both, as addresses are written: `127.0.0.1:9464`, `[::1]:9464`. */
  readonly text: string;
}

export interface TracingConfig {
  readonly serviceName: string | null;
  readonly traceparent: string | null;
  /** OpenTelemetry's SDK is told by its own variables how long sending may take. */
  readonly hasTimeout: boolean;
}

export interface TelemetryConfig {
  /** Null: nothing is traced. */
  readonly tracing: TracingConfig | null;
  /** Null: workers show no metrics. */
  readonly workerMetrics: ListenAddress | null;
}

export function toTelemetryConfig(given: Given<typeof telemetrySettings>): TelemetryConfig {
  return { tracing: toTracingConfig(given), workerMetrics: given.BAROMETER_WORKER_METRICS_ADDRESS ?? null };
}

function toTracingConfig(given: Given<typeof telemetrySettings>): TracingConfig | null {
  const hasEndpoint = (given.OTEL_EXPORTER_OTLP_ENDPOINT ?? given.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined;
  const isOff = given.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || given.OTEL_TRACES_EXPORTER === 'none';
  if (!hasEndpoint || isOff) return null;
  return {
    serviceName: given.OTEL_SERVICE_NAME ?? null,
    traceparent: given.TRACEPARENT ?? null,
    hasTimeout: (given.OTEL_EXPORTER_OTLP_TIMEOUT ?? given.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT) !== undefined,
  };
}

function toListenAddress(text: string, context: z.RefinementCtx): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = bracketed ?? (plain === 'localhost' ? '127.0.0.1' : plain) ?? '';
  const port = Number(digits);
  if (isIP(host) === 0 || !(port >= 1 && port <= 65_535)) {
    context.addIssue({ code: 'custom', message: NO_ADDRESS });
    return z.NEVER;
  }
  return { host, port, text: `${isIP(host) === 6 ? `[${host}]` : host}:${port}` };
}
