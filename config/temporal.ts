import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { EmbeddedConfig } from './embedded.ts';
import type { PayloadKey } from './payload-keys.ts';
import { payloadKeys } from './payload-keys.ts';
import type { Given } from './setting.ts';
import { httpUrl, port } from './setting.ts';

/** The Temporal server that runs the pipeline; the embedded one when nothing is said. */
export const temporalSettings = {
  /** Its frontend, `host:port`. */
  BAROMETER_TEMPORAL_ADDRESS: z.string().optional(),
  BAROMETER_TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Where people watch runs: to print links, and whose pages the codec server answers. */
  BAROMETER_TEMPORAL_UI: httpUrl.optional(),
  /** Sent with every request; turns TLS on. */
  BAROMETER_TEMPORAL_API_KEY: z.string().optional(),
  /** On by itself where one of the next four, or an API key, is given. */
  BAROMETER_TEMPORAL_TLS: z.stringbool().optional(),
  /** Each of these three is the path of a PEM file, or what is in it. The authority that vouches for the server; the system's when not given. */
  BAROMETER_TEMPORAL_TLS_CA: z.string().optional(),
  /** Who comes, for servers that ask for a certificate (mTLS). */
  BAROMETER_TEMPORAL_TLS_CERT: z.string().optional(),
  BAROMETER_TEMPORAL_TLS_KEY: z.string().optional(),
  /** The name in the server's certificate, where it is not the host of the address. */
  BAROMETER_TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  /** With keys here, nothing that says what a run is about is kept in plain text by the server. */
  BAROMETER_PAYLOAD_KEYS: payloadKeys,
  /** Where the codec server listens, which shows people plain text in the Temporal UI. */
  BAROMETER_CODEC_PORT: port(8234),
};

/** A path of a PEM file, or its text, and the setting that said so. */
export interface Pem {
  readonly given: string;
  readonly setting: 'BAROMETER_TEMPORAL_TLS_CA' | 'BAROMETER_TEMPORAL_TLS_CERT' | 'BAROMETER_TEMPORAL_TLS_KEY';
}

export interface TemporalTls {
  /** Null: the system's authorities. */
  readonly ca: Pem | null;
  readonly client: { readonly certificate: Pem; readonly key: Pem } | null;
  readonly serverName: string | null;
}

/** What it takes to speak to the server. */
export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
  /** Null, or not there: in plain text. */
  readonly tls?: TemporalTls | null;
  readonly apiKey?: string | null;
  /** The first encrypts, all decrypt; none: payloads are sent in plain text. */
  readonly payloadKeys?: readonly PayloadKey[];
}

export interface TemporalConfig extends Required<TemporalAccess> {
  readonly uiUrl: string;
  readonly codecPort: number;
}

/** @throws Failure `configuration-invalid` naming the settings that contradict each other */
export function toTemporalConfig(given: Given<typeof temporalSettings>, { temporalPort, temporalUiPort }: EmbeddedConfig): TemporalConfig {
  return {
    address: given.BAROMETER_TEMPORAL_ADDRESS ?? `127.0.0.1:${temporalPort}`,
    namespace: given.BAROMETER_TEMPORAL_NAMESPACE,
    uiUrl: given.BAROMETER_TEMPORAL_UI ?? `http://127.0.0.1:${temporalUiPort}`,
    tls: toTls(given),
    apiKey: given.BAROMETER_TEMPORAL_API_KEY?.trim() ?? null,
    payloadKeys: given.BAROMETER_PAYLOAD_KEYS,
    codecPort: given.BAROMETER_CODEC_PORT,
  };
}

/** What is there only with TLS. */
const TLS_SETTINGS = ['BAROMETER_TEMPORAL_API_KEY', 'BAROMETER_TEMPORAL_TLS_CA', 'BAROMETER_TEMPORAL_TLS_CERT', 'BAROMETER_TEMPORAL_TLS_KEY', 'BAROMETER_TEMPORAL_TLS_SERVER_NAME'] as const;

/** For processes that speak to a server in plain text, whatever their own environment says. */
export const PLAIN_TEMPORAL: Readonly<Record<string, string>> = Object.fromEntries([...TLS_SETTINGS, 'BAROMETER_TEMPORAL_TLS'].map((name) => [name, '']));

function toTls(given: Given<typeof temporalSettings>): TemporalTls | null {
  const present = TLS_SETTINGS.filter((name) => given[name] !== undefined);
  const isOn = given.BAROMETER_TEMPORAL_TLS ?? present.length > 0;
  if (!isOn && present.length > 0) {
    throw new Failure('configuration-invalid', `BAROMETER_TEMPORAL_TLS is off, but ${present.join(', ')} can only be used with TLS: turn it on, or leave ${present.length === 1 ? 'that' : 'those'} out.`);
  }
  const certificate = toPem(given, 'BAROMETER_TEMPORAL_TLS_CERT');
  const key = toPem(given, 'BAROMETER_TEMPORAL_TLS_KEY');
  if ((certificate === null) !== (key === null)) {
    const [there, missing] = certificate === null ? ['BAROMETER_TEMPORAL_TLS_KEY', 'BAROMETER_TEMPORAL_TLS_CERT'] : ['BAROMETER_TEMPORAL_TLS_CERT', 'BAROMETER_TEMPORAL_TLS_KEY'];
    throw new Failure('configuration-invalid', `${there} is of no use without ${missing}: give both, or neither.`);
  }
  if (!isOn) return null;
  return {
    ca: toPem(given, 'BAROMETER_TEMPORAL_TLS_CA'),
    client: certificate === null || key === null ? null : { certificate, key },
    serverName: given.BAROMETER_TEMPORAL_TLS_SERVER_NAME ?? null,
  };
}

function toPem(given: Given<typeof temporalSettings>, setting: Pem['setting']): Pem | null {
  const text = given[setting];
  return text === undefined ? null : { given: text, setting };
}
