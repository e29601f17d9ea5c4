import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Blob, OciImage } from './oci-image.ts';
import { MANIFEST_TYPE, toImage, toLayer } from './oci-image.ts';

export interface TestImageOptions {
  /** `host:port` of a registry that speaks plain HTTP. */
  readonly registry: string;
  /** The repository in it. */
  readonly name?: string;
  readonly tag: string;
  /** The program: a module for Node, which sees node: modules only. */
  readonly script: string;
  readonly labels?: Readonly<Record<string, string>>;
}

let nodeLayer: Promise<Blob> | undefined;

/**
 * Pushes an image of this very Node and a script, for pods that do what a test wants: it runs as nobody and writes nothing,
 * so that restricted pod security takes it. Made without an engine: the first takes about a second, others milliseconds.
 */
export async function pushTestImage({ registry, name = 'barometer/api', tag, script, labels }: TestImageOptions) {
  nodeLayer ??= toNodeLayer();
  const layers = [await nodeLayer, await toLayer([{ path: 'app.mjs', content: Buffer.from(script) }])];
  const image = toImage(layers, ['/usr/bin/node', '/app.mjs'], labels);
  await pushImage(image, { registry, name, tag });
  return { reference: `${registry}/${name}:${tag}`, digest: image.manifest.digest };
}

/** Node and the shared libraries that it is linked to. */
async function toNodeLayer(): Promise<Blob> {
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  const files = libraries.map((path) => ({ path: path.slice(1), content: readFileSync(path), mode: 0o755 }));
  return toLayer([{ path: 'usr/bin/node', content: readFileSync(process.execPath), mode: 0o755 }, ...files]);
}

async function pushImage({ manifest, config, layers }: OciImage, { registry, name, tag }: { registry: string; name: string; tag: string }): Promise<void> {
  const repository = `http://${registry}/v2/${name}`;
  for (const blob of [config, ...layers]) await pushBlob(repository, blob);
  await send('PUT', `${repository}/manifests/${tag}`, { 'content-type': MANIFEST_TYPE }, manifest.content);
}

async function pushBlob(repository: string, { digest, content }: Blob): Promise<void> {
  if ((await fetch(`${repository}/blobs/${digest}`, { method: 'HEAD' })).ok) return;
  const location = (await send('POST', `${repository}/blobs/uploads/`, {})).headers.get('location');
  const target = new URL(location ?? '', repository);
  target.searchParams.set('digest', digest);
  await send('PUT', target.href, { 'content-type': 'application/octet-stream' }, content);
}

async function send(method: string, url: string, headers: Record<string, string>, body?: Uint8Array): Promise<Response> {
  const response = await fetch(url, { method, headers, ...(body && { body: body as Uint8Array<ArrayBuffer> }) });
  if (!response.ok) throw new Error(`The registry answered ${response.status} to ${method} ${new URL(url).pathname}: ${await response.text()}`);
  return response;
}
