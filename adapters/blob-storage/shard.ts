import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS, isEmotion } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';

/** One sample inside a shard: a 48x48 grey PNG under the key `<label>/<digest>`. */
export interface ShardEntry {
  readonly label: Emotion;
  /** sha256 of the raw image. */
  readonly digest: string;
  readonly png: Uint8Array;
}

/** Everything that a tar header says beside the name, fixed, so that the same samples make the same bytes. */
const HEADER = { mtime: new Date(0), mode: 0o644, uid: 0, gid: 0, type: 'file' } as const;

/**
 * Packs samples as a WebDataset shard: for each key a `.png` and a `.cls`, which holds the label's index in EMOTIONS.
 * Copies of one image under one label are packed once. The same samples in any order give the same bytes.
 */
export async function packShard(entries: Iterable<ShardEntry>): Promise<Uint8Array> {
  const byKey = new Map([...entries].map((entry) => [toSampleKey(entry), entry]));
  const tar = pack();
  const collected = buffer(tar);
  for (const [key, { label, png }] of [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
    tar.entry({ ...HEADER, name: `${key}.png` }, Buffer.from(png));
    tar.entry({ ...HEADER, name: `${key}.cls` }, String(EMOTIONS.indexOf(label)));
  }
  tar.finalize();
  return collected;
}

/**
 * The samples of a shard in the order of their keys.
 *
 * @throws Failure `data-corrupt` for anything that {@link packShard} does not write
 */
export async function* unpackShard(bytes: Uint8Array): AsyncGenerator<ShardEntry> {
  const tar = extract();
  tar.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  let open: { readonly key: string; readonly png: Uint8Array } | null = null;
  try {
    for await (const entry of tar) {
      const [key = '', extension] = entry.header.name.split('.');
      const content = await buffer(entry);
      if (extension === 'png' && open === null) open = { key, png: content };
      else if (extension === 'cls' && open?.key === key) {
        yield { ...parseKey(key, content.toString()), png: open.png };
        open = null;
      } else throw corrupt();
    }
  } catch (error) {
    throw error instanceof Failure ? error : corrupt(error);
  }
  if (open !== null) throw corrupt();
}

export function toSampleKey({ label, digest }: { readonly label: Emotion; readonly digest: string }): string {
  return `${label}/${digest}`;
}

function parseKey(key: string, labelIndex: string): { label: Emotion; digest: string } {
  const [label = '', digest = ''] = key.split('/');
  if (!isEmotion(label) || digest === '' || String(EMOTIONS.indexOf(label)) !== labelIndex) throw corrupt();
  return { label, digest };
}

function corrupt(cause?: unknown): Failure {
  return new Failure('data-corrupt', 'A shard of the data set does not hold what it should.', { cause });
}
