import type { IncomingMessage } from 'node:http';
import multer from '@koa/multer';
import type { Context } from 'koa';
import { MulterError } from 'multer';
import { Failure } from '../domain/failure.ts';

/** Boundaries, part headers and a few text fields around the image. */
const MULTIPART_OVERHEAD_BYTES = 64 * 1024;
const MULTIPART_LIMITS = { files: 1, fields: 16, fieldSize: 4096, headerPairs: 32 } as const;

const HOW_TO_SEND = 'Send one image, as a file in multipart/form-data or as the body itself with content type image/*.';

/** Reads the one image that a request carries. */
export type ImageReader = (ctx: Context) => Promise<Uint8Array>;

/**
 * Takes an image from a multipart form, whatever its field is called, or from a raw body. Never holds more than
 * `maxBytes` of it: a body that is announced as larger is not read at all, one that turns out to be larger no further.
 *
 * The image reader fails with a Failure `input-invalid`, `image-too-large` or `image-unsupported`.
 */
export function createImageReader({ maxBytes }: { readonly maxBytes: number }): ImageReader {
  const parseForm = multer({ storage: multer.memoryStorage(), limits: { ...MULTIPART_LIMITS, fileSize: maxBytes } }).any();

  return async (ctx) => {
    const { req } = ctx;
    if (!hasBody(req)) throw new Failure('input-invalid', `The request has no body. ${HOW_TO_SEND}`);
    // Somebody had to know it before.
    const alreadyRead: unknown = ctx.state['readBody'];
    if (alreadyRead instanceof Uint8Array) return alreadyRead;
    const isForm = ctx.is('multipart') !== false;
    if (!isForm) refuseOtherTypes(ctx);
    refuseEncoded(ctx);
    const limit = isForm ? maxBytes + MULTIPART_OVERHEAD_BYTES : maxBytes;
    if (Number(req.headers['content-length'] ?? 0) > limit) throw toTooLarge(maxBytes);
    if (req.headers.expect !== undefined) ctx.res.writeContinue();
    return isForm ? readForm(ctx, limit) : readRaw(req);
  };

  async function readForm(ctx: Context, limit: number): Promise<Uint8Array> {
    const watch = watchLength(ctx.req, limit);
    try {
      await Promise.race([parseForm(ctx, () => Promise.resolve()), watch.exceeded]);
    } catch (error) {
      throw toFailure(error);
    } finally {
      watch.stop();
    }
    const [file] = Array.isArray(ctx.files) ? ctx.files : [];
    if (file === undefined) throw new Failure('input-invalid', `The form holds no file. ${HOW_TO_SEND}`);
    return file.buffer;
  }

  function watchLength(req: IncomingMessage, limit: number): { exceeded: Promise<never>; stop: () => void } {
    const { promise: exceeded, reject } = Promise.withResolvers<never>();
    let length = 0;
    function count(chunk: Buffer): void {
      length += chunk.byteLength;
      if (length > limit) reject(toTooLarge(maxBytes));
    }
    req.on('data', count);
    return { exceeded, stop: () => req.off('data', count) };
  }

  async function readRaw(req: IncomingMessage): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    let length = 0;
    // The connection must outlive the reading, or nobody gets the answer.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.byteLength;
      if (length > maxBytes) throw toTooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  }

  function toFailure(error: unknown): unknown {
    if (!(error instanceof MulterError)) {
      if (error instanceof Failure) return error;
      return new Failure('input-invalid', `The multipart form is malformed or cut short. ${HOW_TO_SEND}`, { cause: error });
    }
    if (error.code === 'LIMIT_FILE_SIZE') return toTooLarge(maxBytes);
    if (error.code === 'LIMIT_FILE_COUNT') return new Failure('input-invalid', `The form holds several files. ${HOW_TO_SEND}`);
    return new Failure('input-invalid', `The form holds more than an image needs (${error.code}). ${HOW_TO_SEND}`);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refuseOtherTypes(ctx: Context): void {
  const type = ctx.request.type;
  if (type === '' || type === 'application/octet-stream' || type.startsWith('image/')) return;
  throw new Failure('image-unsupported', `Bodies of type ${type} can't be read. ${HOW_TO_SEND}`);
}

function refuseEncoded(ctx: Context): void {
  const encoding = ctx.get('content-encoding');
  if (encoding === '' || encoding === 'identity') return;
  throw new Failure('image-unsupported', `Bodies with content encoding ${encoding} can't be read; send the image as it is.`);
}

function toTooLarge(maxBytes: number): Failure {
  return new Failure('image-too-large', `The image has more than ${maxBytes} bytes; at most that many are allowed.`);
}
