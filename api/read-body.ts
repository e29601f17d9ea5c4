import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { Failure } from '../domain/failure.ts';

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** @throws Failure `image-unsupported` for a body that would have to be decompressed first */
export function refuseEncoded(ctx: Context): void {
  const encoding = ctx.get('content-encoding');
  if (encoding === '' || encoding === 'identity') return;
  throw new Failure('image-unsupported', `Bodies with content encoding ${encoding} can't be read; send it as it is.`);
}

/**
 * Reads a body whole, of `maxBytes` at most: one that is announced as larger is not read at all, one that turns out to be
 * larger no further.
 *
 * @throws what `toTooLarge` makes
 */
export async function readBody(ctx: Context, maxBytes: number, toTooLarge: () => Failure): Promise<Buffer> {
  const { req } = ctx;
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw toTooLarge();
  if (req.headers.expect !== undefined) ctx.res.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection must outlive the reading, or nobody gets the answer.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maxBytes) throw toTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
