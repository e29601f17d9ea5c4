import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import { withTemporaryDirectory } from '../../../adapters/containers/temporary-directory.ts';

describe('the temporary directory of a build', () => {
  let parent: string;

  beforeEach('make a place', () => {
    parent = mkdtempSync(join(tmpdir(), 'barometer-temporary-'));
  });

  afterEach('remove it', () => rmSync(parent, { recursive: true }));

  it('is another one each time, and gone afterwards, also when the build fails', async () => {
    const seen: string[] = [];
    for (const end of [() => Promise.resolve(), () => Promise.reject(new Error('broken'))]) {
      const working = withTemporaryDirectory({ TMPDIR: parent, OTHER: 'kept' }, async ({ TMPDIR, OTHER }) => {
        assert.equal(OTHER, 'kept');
        writeFileSync(join(TMPDIR!, 'half-made'), '');
        seen.push(TMPDIR!);
        await end();
      });
      await working.catch((error: unknown) => assert.equal((error as Error).message, 'broken'));
    }
    assert.equal(new Set(seen).size, 2);
    for (const directory of seen) assert.ok(!existsSync(directory));
  });

  it('shares what builds keep for each other, by whichever name the engine knows it', async () => {
    const names = ['buildah-cache', `buildah-cache-${process.getuid!()}`];
    await withTemporaryDirectory({ TMPDIR: parent }, async ({ TMPDIR }) => writeFileSync(join(TMPDIR!, names[0]!, 'kept'), 'for later'));
    await withTemporaryDirectory({ TMPDIR: parent }, async ({ TMPDIR }) => {
      for (const name of names) assert.equal(readFileSync(join(TMPDIR!, name, 'kept'), 'utf8'), 'for later');
    });
  });
});
