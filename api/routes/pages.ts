import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { createOpenApiDocument } from '../openapi.ts';

const require = createRequire(import.meta.url);

/** Our own files, and Swagger UI's from its package, so that the pages work without the internet. */
const FILES: Readonly<Record<string, string>> = {
  '/': toWebPath('index.html'),
  '/web/style.css': toWebPath('style.css'),
  '/web/page.js': toWebPath('page.js'),
  '/web/icon.svg': toWebPath('icon.svg'),
  '/docs': toWebPath('docs.html'),
  '/web/docs.js': toWebPath('docs.js'),
  '/web/docs.css': toWebPath('docs.css'),
  '/web/swagger-ui.css': require.resolve('swagger-ui-dist/swagger-ui.css'),
  '/web/swagger-ui-bundle.js': require.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
};

export function addPageRoutes(router: Router): void {
  for (const [path, file] of Object.entries(FILES)) {
    const load = once(() => toAsset(readFileSync(file), extname(file)));
    router.get(path, (ctx) => {
      answer(ctx, load());
    });
  }
  const document = once(() => toAsset(Buffer.from(JSON.stringify(createOpenApiDocument(), null, 2)), '.json'));
  router.get('/openapi.json', (ctx) => {
    answer(ctx, document());
  });
}

interface Asset {
  readonly bytes: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
  readonly type: string;
}

function toAsset(bytes: Buffer, type: string): Asset {
  const etag = `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { bytes, gzip: gzipSync(bytes), etag, type };
}

/** Files change only with a release; asking whether they have costs an empty answer. */
function answer(ctx: Context, { bytes, gzip, etag, type }: Asset): void {
  const isGzip = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  ctx.status = 200;
  ctx.set({ 'Cache-Control': 'no-cache', ETag: etag, Vary: 'Accept-Encoding' });
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  ctx.type = type;
  if (isGzip) ctx.set('Content-Encoding', 'gzip');
  ctx.body = isGzip ? gzip : bytes;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function toWebPath(fileName: string): string {
  return fileURLToPath(new URL(`../web/${fileName}`, import.meta.url));
}
