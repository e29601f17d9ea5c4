import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Failure } from '../domain/failure.ts';
import { answerClientError } from './client-error.ts';
import { HttpProblem, PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface ListeningServer {
  readonly port: number;
  /** Open now. */
  countConnections(): Promise<number>;
  /** Accepts nothing new, lets what is under way finish within the limit, then cuts it off. */
  close(limitMs: number): Promise<void>;
}

/** How long a caller may take for what, and how many there may be. */
export interface ServerLimits {
  /** Headers come at once or from somebody who wants to hold connections open. */
  readonly headersTimeoutMs: number;
  /** The largest image over a line of 3 Mbit/s; whoever is slower holds a slot that others wait for. */
  readonly requestTimeoutMs: number;
  /** Longer than load balancers keep idle connections (60 s): whoever closes first must not be us. */
  readonly keepAliveMs: number;
  /** Neither a byte in nor out. */
  readonly silenceMs: number;
  readonly checkIntervalMs: number;
  /** More are closed as they come. */
  readonly maxConnections: number;
  /** Then it is closed, so that long-lived ones spread over new processes. */
  readonly maxRequestsPerConnection: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 72_000,
  silenceMs: 120_000,
  checkIntervalMs: 2_000,
  maxConnections: 2_000,
  maxRequestsPerConnection: 10_000,
};
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
export async function listen(listener: RequestListener, { host, port }: ListenOptions, limits: ServerLimits = SERVER_LIMITS): Promise<ListeningServer> {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.timeout = limits.silenceMs;
  server.maxConnections = limits.maxConnections;
  server.maxRequestsPerSocket = limits.maxRequestsPerConnection;
  const unanswered = new Set<ServerResponse>();
  const handle: RequestListener = (req, res) => {
    unanswered.add(res);
    res.once('close', () => unanswered.delete(res));
    listener(req, res);
  };
  server.on('request', handle);
  // Whoever asks before sending a body is told to go on only when it is wanted: by whoever reads it.
  server.on('checkContinue', handle);
  server.on('checkExpectation', (_req, res: ServerResponse) => {
    const problem = toProblem(new HttpProblem('expectation-failed', 'Only "Expect: 100-continue" can be met.'), randomUUID());
    const body = JSON.stringify(problem);
    res.writeHead(problem.status, { 'Content-Type': PROBLEM_CONTENT_TYPE, 'Content-Length': Buffer.byteLength(body), Connection: 'close' }).end(body);
  });
  server.on('clientError', (error, socket) => {
    const isBegun = [...unanswered].some((res) => res.socket === socket && res.headersSent);
    answerClientError(error, socket, !isBegun);
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Failure('configuration-invalid', `The API can't listen on ${host}:${port}: ${FAULTS[code] ?? code}.`, { cause: error });
  }

  return {
    port: (server.address() as AddressInfo).port,
    countConnections: () => promisify(server.getConnections.bind(server))(),
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
