import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload, PayloadCodec } from '@temporalio/common';
import protocol from '@temporalio/proto';
import { z } from 'zod';
import { Failure, isFailure } from '../../domain/failure.ts';

export interface CodecServerOptions {
  readonly codec: PayloadCodec;
  /** Whose pages may ask: the origins of the Temporal UI. Programs, which have no origin, may ask always. */
  readonly origins: readonly string[];
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface CodecServer {
  readonly url: string;
  close(): Promise<void>;
}

/** More than a page of a history; Temporal itself takes 4 MB at a time. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Also below the name of the namespace, as the Temporal CLI may be told. */
const PATHS = /^(?:\/[^/]+)?\/(encode|decode)$/;

const bodySchema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).optional(), data: z.base64().optional() })),
});

const { Payload: PayloadMessage } = protocol.temporal.api.common.v1;

/** Ends the answering of a request with this status; the message is for whoever asked. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Answers Temporal's remote codec protocol: `POST /decode` and `/encode` with payloads as JSON, which come back in plain text or
 * encrypted. Whoever reaches it reads everything: it belongs on the machine of the person who looks.
 *
 * @throws Failure `configuration-invalid` when the port can't be had
 */
export async function startCodecServer({ codec, origins, host, port }: CodecServerOptions): Promise<CodecServer> {
  const server = createServer((request, response) => {
    answer(request, response, codec, origins).catch((error: unknown) => {
      refuse(response, error);
    });
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Failure('configuration-invalid', `The codec server can't listen on ${host}:${port} (${code}): set BAROMETER_CODEC_PORT to another port.`, { cause: error });
  }
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, codec: PayloadCodec, origins: readonly string[]): Promise<void> {
  const { origin } = request.headers;
  response.setHeader('vary', 'origin');
  if (origin !== undefined) {
    // A page of somebody else, in the browser of a person who may.
    if (!origins.includes(origin)) throw new Refusal(403, `Pages of this origin may not ask; those of ${origins.join(', ')} may (BAROMETER_TEMPORAL_UI).`);
    response.setHeader('access-control-allow-origin', origin);
  }
  const operation = PATHS.exec(new URL(request.url ?? '/', 'http://codec').pathname)?.[1];
  if (operation === undefined) throw new Refusal(404, 'There are POST /decode and POST /encode.');
  if (request.method === 'OPTIONS') {
    allow(request, response);
    return;
  }
  if (request.method !== 'POST') throw new Refusal(405, 'Ask by POST.');
  const payloads = toPayloads(await readBody(request));
  const turned = operation === 'decode' ? await codec.decode(payloads) : await codec.encode(payloads);
  send(response, 200, { payloads: turned.map(toJson) });
}

/** What the page that asks may send. */
function allow(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', 'POST');
  response.setHeader('access-control-allow-headers', 'content-type, x-namespace, authorization');
  // Browsers ask for this where a page from the net wants something of this machine.
  if (request.headers['access-control-request-private-network'] !== undefined) response.setHeader('access-control-allow-private-network', 'true');
  response.writeHead(204).end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Refusal(413, `More than ${MAX_BYTES} bytes are too many.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toPayloads(body: string): Payload[] {
  try {
    return bodySchema.parse(JSON.parse(body)).payloads.map((payload) => PayloadMessage.fromObject(payload));
  } catch {
    throw new Refusal(400, 'The body is not {"payloads": […]} with base64 in data and metadata.');
  }
}

function toJson(payload: Payload): unknown {
  return PayloadMessage.toObject(PayloadMessage.fromObject(payload), { bytes: String });
}

/** A payload that can't be read was sent by whoever asked: it is encrypted with a key that is not here, or damaged. */
function refuse(response: ServerResponse, error: unknown): void {
  const status = error instanceof Refusal ? error.status : isFailure(error) ? 400 : 500;
  if (status === 413) response.setHeader('connection', 'close');
  send(response, status, { message: status === 500 ? 'Something unexpected went wrong.' : (error as Error).message });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
