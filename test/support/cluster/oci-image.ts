import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export interface ImageFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode?: number;
}

export interface Blob {
  readonly digest: string;
  readonly content: Uint8Array;
}

/** An image as a registry keeps it: the manifest names its other blobs. */
export interface OciImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
/** Not compressed: between two processes of one machine that would only take time. */
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;
const NOBODY = '65532:65532';

/** A layer of files of root's, the same bytes for the same files. */
export async function toLayer(files: readonly ImageFile[]): Promise<Blob> {
  const archive = pack();
  const content = buffer(archive);
  for (const { path, content: bytes, mode = 0o644 } of files) archive.entry({ name: path, mode, mtime: new Date(0) }, Buffer.from(bytes));
  archive.finalize();
  return toBlob(await content);
}

/** An image for this machine's processor whose program runs as nobody. */
export function toImage(layers: readonly Blob[], entrypoint: readonly string[], labels: Readonly<Record<string, string>> = {}): OciImage {
  const config = toJsonBlob({
    architecture: ARCHITECTURE,
    os: 'linux',
    config: { Entrypoint: entrypoint, User: NOBODY, Labels: labels },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = toJsonBlob({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: toDescriptor(CONFIG_TYPE, config),
    layers: layers.map((layer) => toDescriptor(LAYER_TYPE, layer)),
  });
  return { manifest, config, layers };
}

/** An OCI archive, as `ctr images import` reads it: the image comes by that name. */
export async function toArchive({ manifest, config, layers }: OciImage, name: string): Promise<Buffer> {
  const descriptor = { ...toDescriptor(MANIFEST_TYPE, manifest), annotations: { 'io.containerd.image.name': name } };
  const index = toJsonBlob({ schemaVersion: 2, manifests: [descriptor] });
  const layout = toJsonBlob({ imageLayoutVersion: '1.0.0' });
  const files = [manifest, config, ...layers].map(({ digest, content }) => ({ path: `blobs/${digest.replace(':', '/')}`, content }));
  const { content } = await toLayer([{ path: 'oci-layout', content: layout.content }, { path: 'index.json', content: index.content }, ...files]);
  return Buffer.from(content);
}

function toBlob(content: Uint8Array): Blob {
  return { digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, content };
}

function toJsonBlob(value: unknown): Blob {
  return toBlob(Buffer.from(JSON.stringify(value)));
}

function toDescriptor(mediaType: string, { digest, content }: Blob): object {
  return { mediaType, digest, size: content.length };
}
