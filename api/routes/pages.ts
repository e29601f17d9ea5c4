import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { createOpenApiDocument } from '../openapi.ts';

const require = createRequire(import.meta.url);

const WEB = fileURLToPath(new URL('../web/', import.meta.url));

/** Pages have addresses of their own; what they use of api/web lies under /web/ by its name. */
const PAGES: Readonly<Record<string, string>> = { '/': join(WEB, 'index.html'), '/docs': join(WEB, 'docs.html'), '/privacy': join(WEB, 'privacy.html') };

/** From its package, so that the pages work without the internet. */
const SWAGGER_UI = ['swagger-ui.css', 'swagger-ui-bundle.js'];

export function addPageRoutes(router: Router): void {
  const files = {
    ...PAGES,
    ...Object.fromEntries(listUsed().map((name) => [`/web/${name}`, join(WEB, name)])),
    ...Object.fromEntries(SWAGGER_UI.map((name) => [`/web/${name}`, require.resolve(`swagger-ui-dist/${name}`)])),
  };
  for (const [path, file] of Object.entries(files)) {
    const load = once(() => loadAsset(file));
    router.get(path, (ctx) => {
      answer(ctx, load());
    });
  }
  const document = once(() => toAsset(Buffer.from(JSON.stringify(createOpenApiDocument(), null, 2)), '.json'));
  router.get('/openapi.json', (ctx) => {
    answer(ctx, document());
  });
}

/** Names of what the pages use, with their folder. */
function listUsed(): string[] {
  return readdirSync(WEB, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(sep, '/'))
    .filter((name) => extname(name) !== '' && extname(name) !== '.html');
}

interface Asset {
  readonly bytes: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
  readonly type: string;
}

/** A module of the page's loses its types, as in Node: what it imports, `./x.ts`, the browser then asks for by that name. */
function loadAsset(file: string): Asset {
  const bytes = readFileSync(file);
  if (extname(file) !== '.ts') return toAsset(bytes, extname(file));
  return toAsset(Buffer.from(stripTypeScriptTypes(bytes.toString())), '.js');
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
