import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http2';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { Server } from 'node:net';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificate } from './certificates.ts';

/** What stands in front of a Temporal server that speaks plain text, and speaks TLS. */
export interface TemporalFront {
  /** `host:port` */
  readonly address: string;
  close(): Promise<void>;
}

/** Ends TLS, and asks for a client certificate where an authority for those is given. */
export async function startTlsFront(target: string, { certificate, privateKey }: Certificate, clientAuthority?: string): Promise<TemporalFront> {
  const { hostname: host, port } = new URL(`tcp://${target}`);
  const asked = clientAuthority === undefined ? {} : { requestCert: true, rejectUnauthorized: true, ca: clientAuthority };
  const server = createServer({ cert: certificate, key: privateKey, ALPNProtocols: ['h2'], ...asked }, (socket) => {
    const behind = connect({ host, port: Number(port) });
    for (const [each, other] of [[socket, behind], [behind, socket]] as const) {
      each.on('error', () => other.destroy());
      each.on('close', () => other.destroy());
    }
    socket.pipe(behind).pipe(socket);
  });
  return listen(server);
}

/** Ends TLS, and looks at the headers of every call: a number is the gRPC status with which it is turned away. */
export async function startJudgingFront(target: string, { certificate, privateKey }: Certificate, judge: (headers: IncomingHttpHeaders) => number | null): Promise<TemporalFront> {
  const behind = connectHttp2(`http://${target}`);
  behind.on('error', () => undefined);
  const server = createSecureServer({ cert: certificate, key: privateKey });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const status = judge(headers);
    if (status !== null) {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status), 'grpc-message': 'a secret of the vendor' }, { endStream: true });
      return;
    }
    const call = behind.request(Object.fromEntries(Object.entries(headers).filter(([name]) => name !== ':scheme' && name !== ':authority')));
    call.on('error', () => { stream.destroy(); });
    stream.on('close', () => { call.close(); });
    let trailers: IncomingHttpHeaders = {};
    call.on('trailers', (given: IncomingHttpHeaders) => { trailers = given; });
    call.on('response', (answer, flags) => {
      // Trailers alone: the answer ends with its headers.
      if ((flags & 1) === 1) {
        stream.respond(answer, { endStream: true });
        return;
      }
      stream.respond(answer, { waitForTrailers: true });
      stream.on('wantTrailers', () => { stream.sendTrailers(trailers); });
      call.pipe(stream);
    });
    stream.pipe(call);
  });
  const front = await listen(server);
  return {
    ...front,
    async close() {
      behind.destroy();
      await front.close();
    },
  };
}

async function listen(server: Server): Promise<TemporalFront> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
