import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../domain/failure.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface ListeningServer {
  readonly port: number;
  /** Accepts nothing new, lets what is under way finish within the limit, then cuts it off. */
  close(limitMs: number): Promise<void>;
}

/** Headers come at once or from somebody who wants to hold connections open. */
const HEADERS_TIMEOUT_MS = 10_000;
/** The largest image over a slow line. */
const REQUEST_TIMEOUT_MS = 120_000;
/** Longer than load balancers keep idle connections (60 s): whoever closes first must not be us. */
const KEEP_ALIVE_MS = 72_000;
const CHECK_INTERVAL_MS = 2_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Why a server can't listen, by the system's own code. */
const FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already; set BAROMETER_API_PORT to another port',
  EACCES: 'this user may not; set BAROMETER_API_PORT to one from 1024',
  EADDRNOTAVAIL: 'this machine has no such address; set BAROMETER_API_HOST to one that it has, or to 0.0.0.0 for all',
  ENOTFOUND: 'there is no host of that name; set BAROMETER_API_HOST to an address of this machine',
};

/**
 * Serves over HTTP with limits on everything that a caller could drag out.
 *
 * @throws Failure `configuration-invalid` when the port can't be had, saying why
 */
export async function listen(listener: RequestListener, { host, port }: ListenOptions): Promise<ListeningServer> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  const unanswered = new Set<ServerResponse>();
  const handle: RequestListener = (req, res) => {
    unanswered.add(res);
    res.once('close', () => unanswered.delete(res));
    listener(req, res);
  };
  server.on('request', handle);
  // Whoever asks before sending a body is told to go on only when it is wanted: by whoever reads it.
  server.on('checkContinue', handle);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Failure('configuration-invalid', `The API can't listen on ${host}:${port}: ${FAULTS[code] ?? code}.`, { cause: error });
  }

  return {
    port: (server.address() as AddressInfo).port,
    async close(limitMs) {
      const closed = once(server, 'close');
      server.close();
      for (const res of unanswered) if (!res.headersSent) res.setHeader('Connection', 'close');
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, limitMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
