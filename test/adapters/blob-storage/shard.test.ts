import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { extract, pack } from 'tar-stream';
import type { ShardEntry } from '../../../adapters/blob-storage/shard.ts';
import { packShard, unpackShard } from '../../../adapters/blob-storage/shard.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { isFailure } from '../../../domain/failure.ts';

const entries = fc.uniqueArray(
  fc.record({
    label: fc.constantFrom(...EMOTIONS),
    digest: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((number) => number.toString(16).padStart(64, '0')),
    png: fc.uint8Array({ maxLength: 1500 }),
  }),
  { selector: ({ digest }) => digest, maxLength: 20 },
);

describe('shard', () => {
  it('gives back what was packed, in the order of the keys', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (samples) => {
        const unpacked = await Array.fromAsync(unpackShard(await packShard(samples)));
        const plain = (entry: ShardEntry) => [entry.label, entry.digest, [...entry.png]];
        const byKey = samples.toSorted((a, b) => (`${a.label}/${a.digest}` < `${b.label}/${b.digest}` ? -1 : 1));
        assert.deepEqual(unpacked.map(plain), byKey.map(plain));
      }),
      { numRuns: 30 },
    );
  });

  it('has the same bytes for the same samples in any order', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (samples) => {
        assert.deepEqual(await packShard(samples.toReversed()), await packShard(samples));
      }),
      { numRuns: 20 },
    );
  });

  it('is what WebDataset readers expect: a .png and a .cls with the class index for each key', async () => {
    const digest = 'a'.repeat(64);
    const shard = await packShard([{ label: 'angry', digest, png: Buffer.from('png') }]);
    const tar = extract();
    tar.end(Buffer.from(shard));
    const files: [string, string][] = [];
    for await (const entry of tar) files.push([entry.header.name, (await buffer(entry)).toString()]);
    assert.deepEqual(files, [[`angry/${digest}.png`, 'png'], [`angry/${digest}.cls`, '2']]);
  });

  it('holds copies of an image once', async () => {
    const copy: ShardEntry = { label: 'sad', digest: 'b'.repeat(64), png: Buffer.from('png') };
    assert.equal((await Array.fromAsync(unpackShard(await packShard([copy, copy])))).length, 1);
  });

  const strange: Record<string, [string, string][]> = {
    'a label that nobody knows': [['bored/aa.png', 'x'], ['bored/aa.cls', '0']],
    'a class that is not the label of its folder': [['happy/aa.png', 'x'], ['happy/aa.cls', '1']],
    'an image without a class': [['happy/aa.png', 'x']],
    'a class without an image': [['happy/aa.cls', '0']],
    'a class of another image': [['happy/aa.png', 'x'], ['happy/bb.cls', '0']],
  };
  for (const [what, files] of Object.entries(strange)) {
    it(`fails with data-corrupt for ${what}`, async () => {
      const tar = pack();
      for (const [name, content] of files) tar.entry({ name }, content);
      tar.finalize();
      const bytes = await buffer(tar);
      await assert.rejects(Array.fromAsync(unpackShard(bytes)), (error) => isFailure(error, 'data-corrupt'));
    });
  }

  it('fails with data-corrupt for bytes that are no tar, or one that is cut short', async () => {
    const shard = await packShard([{ label: 'sad', digest: 'b'.repeat(64), png: new Uint8Array(900) }]);
    for (const bytes of [new Uint8Array(2048).fill(1), shard.subarray(0, 900)]) {
      await assert.rejects(Array.fromAsync(unpackShard(bytes)), (error) => isFailure(error, 'data-corrupt'));
    }
  });
});
