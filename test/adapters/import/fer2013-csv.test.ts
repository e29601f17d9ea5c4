import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFer2013Csv } from '../../../adapters/import/fer2013-csv.ts';
import { decodeGreyPng, encodeGreyPng } from '../../../adapters/vision/grey-png.ts';
import { isFailure } from '../../../domain/failure.ts';
import { IMAGE_PIXELS } from '../../../domain/image-transform.ts';

const PIXELS = Array.from({ length: IMAGE_PIXELS }, (_, index) => index % 256);

describe('FER2013 CSV', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'barometer-csv-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function read(text: string) {
    const file = join(directory, 'faces.csv');
    await writeFile(file, text);
    return Array.fromAsync(readFer2013Csv(file, encodeGreyPng));
  }

  it('turns rows into images with the labels that the numbers stand for', async () => {
    const rows = Array.from({ length: 7 }, (_, emotion) => `${emotion},"${PIXELS.join(' ')}",Training`);
    const found = await read(`emotion,pixels,Usage\n${rows.join('\n')}\n`);
    assert.deepEqual(found.map(({ label }) => label), ['angry', null, 'fearful', 'happy', 'sad', null, null]);
    assert.deepEqual(found.filter(({ label }) => label === null).map(({ labelName }) => labelName), ['disgust', 'surprise', 'neutral']);
    assert.equal(found[3]!.fileName, 'fer2013-00004.png');
    assert.deepEqual(await decodeGreyPng(await found[3]!.read()), Uint8Array.from(PIXELS));
  });

  it('does without the column Usage', async () => {
    const [image] = await read(`emotion,pixels\n3,${PIXELS.join(' ')}\n`);
    assert.equal(image?.label, 'happy');
  });

  it('refuses a row whose pixels are not 48x48 numbers, and only that row', async () => {
    const found = await read(`emotion,pixels\n3,1 2 3\n3,${PIXELS.join(' ')}\n3,${PIXELS.with(7, 300).join(' ')}\n`);
    await assert.rejects(found[0]!.read(), (error) => isFailure(error, 'image-unreadable') && /Line 2/.test(error.message));
    assert.ok((await found[1]!.read()).length > 0);
    await assert.rejects(found[2]!.read(), (error) => isFailure(error, 'image-unreadable'));
  });

  it('names the line that is not like FER2013', async () => {
    for (const text of ['emotion,pixels\n9,1 2\n', 'a,b\n1,2\n', 'emotion,pixels\nhappy,1 2\n', 'emotion,pixels\n,1 2\n']) {
      await assert.rejects(read(text), (error) => isFailure(error, 'input-invalid') && /Line 2/.test(error.message));
    }
    await assert.rejects(read('emotion,pixels\n'), (error) => isFailure(error, 'input-invalid'));
    await assert.rejects(Array.fromAsync(readFer2013Csv(join(directory, 'none.csv'), encodeGreyPng)), (error) => isFailure(error, 'input-invalid'));
  });
});
