import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TlsOptions } from './connection-options.ts';

/** What is at an address at which no Temporal server could be talked to. */
export type NoConnection =
  | 'nobody-listens'
  /** It speaks TLS, and we did not. */
  | 'tls-wanted'
  /** It does not, and we did. */
  | 'tls-unknown'
  | 'server-untrusted'
  | 'server-misnamed'
  /** It turned our certificate down, or wants one. */
  | 'client-refused'
  | 'client-unusable'
  | 'unclear';

const LIMIT_MS = 3_000;

/** OpenSSL's and Node's own codes. */
const TLS_REASONS: Readonly<Record<string, NoConnection>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'server-misnamed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls-unknown',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tls-unknown',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'client-unusable',
  SELF_SIGNED_CERT_IN_CHAIN: 'server-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'server-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'server-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'server-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'server-untrusted',
  CERT_HAS_EXPIRED: 'server-untrusted',
  CERT_SIGNATURE_FAILURE: 'server-untrusted',
};

/** Looks at the address once more, closer than gRPC does, for the reason that a person can do something about. */
export async function whyNoConnection({ address, tls }: ConnectionOptions): Promise<NoConnection> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const where = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 7233 : Number(port) };
  if (!(await listens(where))) return 'nobody-listens';
  if (tls !== undefined) return (await tryTls(where, tls)) ?? 'unclear';
  const found = await tryTls(where, {});
  return found === null || found === 'server-untrusted' || found === 'server-misnamed' || found === 'client-refused' ? 'tls-wanted' : 'unclear';
}

interface Where {
  readonly host: string;
  readonly port: number;
}

async function listens(where: Where): Promise<boolean> {
  const socket = connectPlain({ ...where, timeout: LIMIT_MS });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(LIMIT_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Null: nothing is wrong with TLS. */
async function tryTls(where: Where, { serverRootCACertificate: ca, clientCertPair, serverNameOverride }: TlsOptions): Promise<NoConnection | null> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  let socket: ReturnType<typeof connectTls> | undefined;
  try {
    const options = {
      ...where,
      ...(ca === undefined ? {} : { ca }),
      ...(clientCertPair === undefined ? {} : { cert: clientCertPair.crt, key: clientCertPair.key }),
      ...(serverNameOverride === undefined ? {} : { servername: serverNameOverride }),
      ALPNProtocols: ['h2'],
    };
    socket = connectTls(options);
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect', { signal });
    // In TLS 1.3 our side is done before the server has looked at our certificate: one that does not like it hangs up.
    return await Promise.race([once(socket, 'data', { signal }).then(() => null), once(socket, 'end', { signal }).then(() => 'client-refused' as const)]);
  } catch (error) {
    if (signal.aborted) return null;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (/_ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE|ACCESS_DENIED|DECRYPT)|_CERTIFICATE_REQUIRED|_UNKNOWN_CA|_BAD_CERTIFICATE|_HANDSHAKE_FAILURE/.test(code)) return 'client-refused';
    if (code.startsWith('ERR_OSSL_')) return 'client-unusable';
    return TLS_REASONS[code] ?? 'unclear';
  } finally {
    socket?.destroy();
  }
}
