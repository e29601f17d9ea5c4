import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'mocha';
import { openImportSource } from '../../cli/import-source.ts';
import { isFailure } from '../../domain/failure.ts';

describe('what is to be imported', () => {
  let directory: string;

  beforeEach('make an empty directory', async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-import-'));
  });

  afterEach('remove it', () => rm(directory, { recursive: true }));

  it('is a directory of label folders, whose images are counted beforehand', async () => {
    for (const name of ['happy/a.png', 'happy/b.png', 'sad/c.png']) {
      await mkdir(join(directory, name, '..'), { recursive: true });
      await writeFile(join(directory, name), name);
    }
    const { images, count } = await openImportSource(directory);
    assert.equal(count, 3);
    const found = await Array.fromAsync(images, async ({ label, fileName, read }) => `${label} ${fileName} ${Buffer.from(await read()).toString()}`);
    assert.deepEqual(found, ['happy a.png happy/a.png', 'happy b.png happy/b.png', 'sad c.png sad/c.png']);
  });

  it('is a CSV file, whatever the case of its ending, that is not read through to count it', async () => {
    const file = join(directory, 'FER2013.CSV');
    await writeFile(file, `emotion,pixels\n3,${Array.from({ length: 2304 }, () => 7).join(' ')}\n`);
    const { images, count } = await openImportSource(file);
    assert.equal(count, null);
    const found = await Array.fromAsync(images);
    assert.deepEqual(found.map(({ label }) => label), ['happy']);
  });

  it('is nothing else', async () => {
    const file = join(directory, 'faces.zip');
    await writeFile(file, '');
    for (const path of [file, join(directory, 'nothing'), directory]) {
      await assert.rejects(openImportSource(path), (error) => isFailure(error, 'input-invalid') && error.message.includes(path));
    }
  });
});
