import type { IncomingMessage } from 'node:http';
import multer from '@koa/multer';
import type { Context } from 'koa';
import { MulterError } from 'multer';
import { Failure } from '../domain/failure.ts';
import { hasBody, readBody, refuseEncoded } from './read-body.ts';

/** Boundaries, part headers and a few text fields around the images. */
const MULTIPART_OVERHEAD_BYTES = 64 * 1024;
const MULTIPART_LIMITS = { fields: 16, fieldSize: 4096, headerPairs: 32 } as const;

export interface UploadLimits {
  /** Of one image. */
  readonly maxBytes: number;
  /** Of all images of a request together; those of one when not given. */
  readonly maxTotalBytes?: number;
  /** One when not given. */
  readonly maxImages?: number;
}

/** Reads the images that a request carries, at least one, in the order in which they were sent. */
export type ImageReader = (ctx: Context) => Promise<[Uint8Array, ...Uint8Array[]]>;

/**
 * Takes images from a multipart form, whatever their fields are called, or one from a raw body. Never holds more than
 * the limits allow: a body that is announced as larger is not read at all, one that turns out to be larger no further.
 *
 * The image reader fails with a Failure `input-invalid`, `image-too-large` or `image-unsupported`.
 */
export function createImageReader({ maxBytes, maxTotalBytes = maxBytes, maxImages = 1 }: UploadLimits): ImageReader {
  const parseForm = multer({ storage: multer.memoryStorage(), limits: { ...MULTIPART_LIMITS, files: maxImages, fileSize: maxBytes } }).any();
  const howToSend =
    maxImages === 1
      ? 'Send one image, as a file in multipart/form-data or as the body itself with content type image/*.'
      : `Send up to ${maxImages} images, each as a file in multipart/form-data.`;

  return async (ctx) => {
    const { req } = ctx;
    if (!hasBody(req)) throw new Failure('input-invalid', `The request has no body. ${howToSend}`);
    // Somebody had to know it before.
    const alreadyRead: unknown = ctx.state['readBody'];
    if (alreadyRead instanceof Uint8Array) return [alreadyRead];
    const isForm = ctx.is('multipart') !== false;
    if (!isForm) refuseOtherTypes(ctx);
    refuseEncoded(ctx);
    return isForm ? readForm(ctx) : [await readBody(ctx, maxBytes, toTooLarge)];
  };

  async function readForm(ctx: Context): Promise<[Uint8Array, ...Uint8Array[]]> {
    const limit = maxTotalBytes + MULTIPART_OVERHEAD_BYTES;
    if (Number(ctx.req.headers['content-length'] ?? 0) > limit) throw toTooLarge();
    if (ctx.req.headers.expect !== undefined) ctx.res.writeContinue();
    const watch = watchLength(ctx.req, limit);
    try {
      await Promise.race([parseForm(ctx, () => Promise.resolve()), watch.exceeded]);
    } catch (error) {
      throw toFailure(error);
    } finally {
      watch.stop();
    }
    const [first, ...others] = Array.isArray(ctx.files) ? ctx.files : [];
    if (first === undefined) throw new Failure('input-invalid', `The form holds no file. ${howToSend}`);
    return [first.buffer, ...others.map(({ buffer }) => buffer)];
  }

  function watchLength(req: IncomingMessage, limit: number): { exceeded: Promise<never>; stop: () => void } {
    const { promise: exceeded, reject } = Promise.withResolvers<never>();
    let length = 0;
    function count(chunk: Buffer): void {
      length += chunk.byteLength;
      if (length > limit) reject(toTooLarge());
    }
    req.on('data', count);
    return { exceeded, stop: () => req.off('data', count) };
  }

  function toFailure(error: unknown): unknown {
    if (!(error instanceof MulterError)) {
      if (error instanceof Failure) return error;
      return new Failure('input-invalid', `The multipart form is malformed or cut short. ${howToSend}`, { cause: error });
    }
    if (error.code === 'LIMIT_FILE_SIZE') return toTooLarge();
    if (error.code === 'LIMIT_FILE_COUNT') return new Failure('input-invalid', `The form holds ${maxImages === 1 ? 'several' : `more than ${maxImages}`} files. ${howToSend}`);
    return new Failure('input-invalid', `The form holds more than an image needs (${error.code}). ${howToSend}`);
  }

  function refuseOtherTypes(ctx: Context): void {
    const type = ctx.request.type;
    if (type === '' || type === 'application/octet-stream' || type.startsWith('image/')) return;
    throw new Failure('image-unsupported', `Bodies of type ${type} can't be read. ${howToSend}`);
  }

  function toTooLarge(): Failure {
    const together = maxTotalBytes === maxBytes ? '' : `, or all together more than ${maxTotalBytes}`;
    return new Failure('image-too-large', `The image has more than ${maxBytes} bytes${together}; at most that many are allowed.`);
  }
}
