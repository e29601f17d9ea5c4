import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: 'linux'; readonly architecture: string };
}

const OCI = 'application/vnd.oci.image';

/**
 * Writes images as files, by the layout that the OCI specifies (image-spec, image-layout.md): no engine is needed for an
 * image that is only a directory, and none of another processor's programs is run.
 */
export function createOciLayout(dir: string) {
  const blobs = join(dir, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');

  function addJson(mediaType: string, content: unknown): Descriptor {
    const bytes = Buffer.from(JSON.stringify(content));
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }

  return {
    /** An image of one layer, which is all that is in `root`, owned as there. */
    async addImage(root: string, architecture: string, env: readonly string[], labels: Readonly<Record<string, string>> = {}): Promise<Descriptor> {
      const { layer, diffId } = await addLayer(blobs, root);
      const config = addJson(`${OCI}.config.v1+json`, {
        os: 'linux',
        architecture,
        config: { Env: env, Labels: labels },
        rootfs: { type: 'layers', diff_ids: [diffId] },
        // buildah builds on nothing whose history does not name its layers.
        history: [{ created: '1970-01-01T00:00:00Z', created_by: 'Debian packages' }],
      });
      const manifest = { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config, layers: [layer] };
      return { ...addJson(`${OCI}.manifest.v1+json`, manifest), platform: { os: 'linux', architecture } };
    },
    /** Names indexes of images, one image for each platform; written last. */
    finish(named: Readonly<Record<string, readonly Descriptor[]>>): void {
      const manifests = Object.entries(named).map(([name, images]) => ({
        ...addJson(`${OCI}.index.v1+json`, { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests: images }),
        annotations: { 'org.opencontainers.image.ref.name': name },
      }));
      writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    },
  };
}

async function addLayer(blobs: string, root: string): Promise<{ layer: Descriptor; diffId: string }> {
  // Sorted and without times: the same content is the same layer.
  const tar = spawn('tar', ['--create', '--sort=name', '--mtime=@0', '--numeric-owner', '--directory', root, '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const temporary = join(blobs, `unnamed-${process.pid}`);
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  const ended = once(tar, 'close');
  await pipeline(tar.stdout, tap(plain), createGzip({ level: 1 }), tap(packed), createWriteStream(temporary));
  const [exitCode] = (await ended) as [number | null];
  if (exitCode !== 0) throw new Error(`tar could not read ${root}`);
  const hex = packed.digest('hex');
  renameSync(temporary, join(blobs, hex));
  const layer = { mediaType: `${OCI}.layer.v1.tar+gzip`, digest: `sha256:${hex}`, size: statSync(join(blobs, hex)).size };
  return { layer, diffId: `sha256:${plain.digest('hex')}` };
}

function tap(hash: Hash): PassThrough {
  return new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
}
