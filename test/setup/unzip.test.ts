import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzip } from '../../setup/unzip.js';
import { useTemporaryDir } from './separate-process.ts';
import { createZip } from './zip-archive.ts';
import type { ZipEntry } from './zip-archive.ts';

describe('unzip', () => {
  const dir = useTemporaryDir();
  const archive = (entries: readonly ZipEntry[]): string => {
    writeFileSync(join(dir(), 'archive.zip'), createZip(entries));
    return join(dir(), 'archive.zip');
  };
  const out = () => join(dir(), 'out');

  it('extracts what is wanted, to where it is wanted, whichever way it is packed', async () => {
    const long = 'compressible '.repeat(10_000);
    const path = archive([
      { name: 'a/', content: '', stored: true },
      { name: 'a/deflated', content: long },
      { name: 'a/stored', content: 'as it is', stored: true },
      { name: 'a/empty', content: '', stored: true },
      { name: 'b/unwanted', content: 'x' },
    ]);
    const written = await unzip(path, out(), (name) => (name.startsWith('a/') ? `here/${name.slice(2)}` : undefined));
    assert.equal(written, 3);
    assert.deepEqual(readdirSync(out()), ['here']);
    assert.equal(readFileSync(join(out(), 'here/deflated'), 'utf8'), long);
    assert.equal(readFileSync(join(out(), 'here/stored'), 'utf8'), 'as it is');
    assert.equal(readFileSync(join(out(), 'here/empty'), 'utf8'), '');
  });

  it('keeps programs executable, and only them', async () => {
    const path = archive([{ name: 'program', content: '#!', mode: 0o755 }, { name: 'text', content: 'x' }]);
    await unzip(path, out(), (name) => name);
    assert.equal(statSync(join(out(), 'program')).mode & 0o111, 0o111);
    assert.equal(statSync(join(out(), 'text')).mode & 0o111, 0);
  });

  it('refuses an entry that would land outside', async () => {
    await assert.rejects(unzip(archive([{ name: 'a/../../escaped', content: 'x' }]), out(), (name) => name), /outside itself/);
    assert.ok(!existsSync(join(dir(), 'escaped')));
  });

  it('refuses an archive that is cut off', async () => {
    const path = archive([{ name: 'a', content: 'some text' }]);
    writeFileSync(path, readFileSync(path).subarray(0, -10));
    await assert.rejects(unzip(path, out(), (name) => name), /cut off/);
  });
});
