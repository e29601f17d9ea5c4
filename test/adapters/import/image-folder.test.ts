import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readImageFolder } from '../../../adapters/import/image-folder.ts';
import { isFailure } from '../../../domain/failure.ts';

describe('image folder', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-import-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function put(...paths: string[]): Promise<void> {
    for (const path of paths) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), path);
    }
  }

  it('finds the files of every label folder, in an order that is always the same', async () => {
    await put('sad/b.png', 'sad/a.png', 'happy/c.jpg', 'sad/2024/d.png');
    const found = await Array.fromAsync(readImageFolder(directory));
    assert.deepEqual(
      found.map(({ label, fileName }) => [label, fileName]),
      [['happy', 'c.jpg'], ['sad', 'a.png'], ['sad', 'b.png'], ['sad', '2024/d.png']],
    );
    assert.equal(Buffer.from(await found[3]!.read()).toString(), 'sad/2024/d.png');
  });

  it('knows the names that FER2013 and its kin give the labels', async () => {
    await put('Fear/a.png', 'anger/a.png', 'happiness/a.png', 'SAD/a.png', 'surprise/a.png', 'constructor/a.png');
    const labels = Object.fromEntries((await Array.fromAsync(readImageFolder(directory))).map(({ labelName, label }) => [labelName, label]));
    assert.deepEqual(labels, { Fear: 'fearful', anger: 'angry', happiness: 'happy', SAD: 'sad', surprise: null, constructor: null });
  });

  it('passes over hidden files, litter, and files in no folder', async () => {
    await put('happy/a.png', 'happy/.DS_Store', 'happy/Thumbs.db', '.git/config', 'readme.txt');
    const found = await Array.fromAsync(readImageFolder(directory));
    assert.deepEqual(found.map(({ fileName }) => fileName), ['a.png']);
  });

  it('follows links to files and folders', async () => {
    await put('happy/a.png');
    await symlink(join(directory, 'happy'), join(directory, 'sad'));
    await symlink(join(directory, 'happy/a.png'), join(directory, 'happy/b.png'));
    await symlink(join(directory, 'nowhere'), join(directory, 'happy/lost.png'));
    assert.equal((await Array.fromAsync(readImageFolder(directory))).length, 4);
  });

  it('says what is wrong with a directory that does not exist or has no folders', async () => {
    await assert.rejects(Array.fromAsync(readImageFolder(join(directory, 'none'))), (error) => isFailure(error, 'input-invalid'));
    await put('a.png');
    await assert.rejects(
      Array.fromAsync(readImageFolder(directory)),
      (error) => isFailure(error, 'input-invalid') && /has no folders/.test(error.message),
    );
  });
});
