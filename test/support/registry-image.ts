import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Descriptor } from './oci-layout.ts';

/** What an image says of itself. */
export interface ImageConfig {
  readonly os: string;
  readonly architecture: string;
  readonly config: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly WorkingDir?: string;
    readonly StopSignal?: string;
    readonly ExposedPorts?: Readonly<Record<string, unknown>>;
    readonly Labels?: Readonly<Record<string, string>>;
  };
}

export interface PlatformImage {
  readonly config: ImageConfig;
  /** Of all layers, as they travel. */
  readonly compressedBytes: number;
  /** Writes the files of all layers below the directory. */
  unpack(directory: string): Promise<void>;
}

/** An index in a registry, read as anybody reads it who pulls an image. */
export interface RegistryImage {
  /** `amd64`, … */
  readonly architectures: readonly string[];
  forArchitecture(architecture: string): Promise<PlatformImage>;
}

const ACCEPTED = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';

export async function openImage(host: string, repository: string, tag: string): Promise<RegistryImage> {
  const base = `http://${host}/v2/${repository}`;
  const index = await getJson<{ manifests: Descriptor[] }>(`${base}/manifests/${tag}`);
  return {
    architectures: index.manifests.map(({ platform }) => platform?.architecture ?? 'unknown'),
    async forArchitecture(architecture) {
      const found = index.manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
      if (found === undefined) throw new Error(`${repository}:${tag} has no image for ${architecture}`);
      const { config, layers } = await getJson<{ config: Descriptor; layers: Descriptor[] }>(`${base}/manifests/${found.digest}`);
      return {
        config: await getJson<ImageConfig>(`${base}/blobs/${config.digest}`),
        compressedBytes: layers.reduce((sum, { size }) => sum + size, 0),
        async unpack(directory) {
          mkdirSync(directory, { recursive: true });
          for (const { digest } of layers) await unpackLayer(`${base}/blobs/${digest}`, directory);
        },
      };
    },
  };
}

async function unpackLayer(url: string, directory: string): Promise<void> {
  const answer = await fetch(url);
  if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  const tar = spawn('tar', ['--extract', '--gzip', '--directory', directory], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(tar, 'close');
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), tar.stdin);
  const [exitCode] = (await ended) as [number | null];
  if (exitCode !== 0) throw new Error(`the layer at ${url} could not be unpacked`);
}

async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { accept: ACCEPTED } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as T;
}
