import { readFile } from 'node:fs/promises';
import type { Pem, TemporalAccess, TemporalTls } from '../../config/temporal.ts';
import { Failure } from '../../domain/failure.ts';

/** What connections of clients and of workers are both told. */
export interface ConnectionOptions {
  readonly address: string;
  readonly apiKey?: string;
  readonly tls?: TlsOptions;
}

export interface TlsOptions {
  readonly serverRootCACertificate?: Buffer;
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
  readonly serverNameOverride?: string;
}

/**
 * Reads the certificates that the settings name.
 *
 * @throws Failure `configuration-invalid` naming the setting whose file can't be read or is no PEM
 */
export async function toConnectionOptions({ address, tls = null, apiKey = null }: TemporalAccess): Promise<ConnectionOptions> {
  return {
    address,
    ...(apiKey === null ? {} : { apiKey }),
    ...(tls === null ? {} : { tls: await toTlsOptions(tls) }),
  };
}

async function toTlsOptions({ ca, client, serverName }: TemporalTls): Promise<TlsOptions> {
  return {
    ...(ca === null ? {} : { serverRootCACertificate: await readPem(ca) }),
    ...(client === null ? {} : { clientCertPair: { crt: await readPem(client.certificate), key: await readPem(client.key) } }),
    ...(serverName === null ? {} : { serverNameOverride: serverName }),
  };
}

const PEM = /-----BEGIN [A-Z0-9 ]+-----/;

async function readPem({ given, setting }: Pem): Promise<Buffer> {
  if (PEM.test(given)) return Buffer.from(given);
  const content = await readFile(given).catch((error: unknown) => {
    // The path is not repeated: it may be a key whose first line got lost.
    throw new Failure('configuration-invalid', `The file that ${setting} names can't be read: give the path of a PEM file, or the PEM itself.`, { cause: error });
  });
  if (!PEM.test(content.toString('latin1'))) throw new Failure('configuration-invalid', `What ${setting} names is no PEM file: it should begin with "-----BEGIN".`);
  return content;
}
