import assert from 'node:assert/strict';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import type { FoundImage, ImageSource } from '../../../adapters/import/image-source.ts';
import type { ImportProgress } from '../../../adapters/import/import-images.ts';
import { importImages } from '../../../adapters/import/import-images.ts';
import { toEmotion } from '../../../adapters/import/label-name.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import { useAzurite } from '../../support/azurite.ts';

const anything = { checkImage: async () => undefined };

describe('importing images', () => {
  const azurite = useAzurite();
  let blobs: BlobStore;

  beforeEach(async () => {
    blobs = await azurite.newStore();
  });

  async function listNames(): Promise<string[]> {
    return (await Array.fromAsync(blobs.list('emotions'))).map(({ name }) => name);
  }

  it('uploads images into the folders of their labels', async () => {
    const result = await importImages(toSource({ 'happy/a.png': '1', 'sad/b.png': '2', 'Fear/c.jpg': '3' }), blobs, anything);
    assert.deepEqual(result.uploaded, { happy: 1, sad: 1, angry: 0, fearful: 1 });
    assert.deepEqual(await listNames(), ['fearful/c.jpg', 'happy/a.png', 'sad/b.png']);
  });

  it('leaves images alone that are there already, so that it may be repeated', async () => {
    const images = { 'happy/a.png': '1', 'happy/b.png': '2' };
    await importImages(toSource(images), blobs, anything);
    const etags = (await Array.fromAsync(blobs.list('emotions'))).map(({ etag }) => etag);
    const again = await importImages(toSource({ ...images, 'happy/c.png': '3' }), blobs, anything);
    assert.equal(again.skipped, 2);
    assert.equal(again.uploaded.happy, 1);
    assert.deepEqual((await Array.fromAsync(blobs.list('emotions'))).map(({ etag }) => etag).slice(0, 2), etags);
  });

  it('never changes a raw image: another one of the same name is uploaded beside it, once', async () => {
    await importImages(toSource({ 'happy/a.png': 'first' }), blobs, anything);
    const second = await importImages(toSource({ 'happy/a.png': 'second' }), blobs, anything);
    const { bytes } = await blobs.read('emotions', 'happy/a.png');
    assert.equal(Buffer.from(bytes).toString(), 'first');
    assert.equal(second.uploaded.happy, 1);
    assert.deepEqual(second.renamed, [{ name: 'happy/a.png', uploadedAs: 'happy/a.16367aacb67a.png' }]);
    const third = await importImages(toSource({ 'happy/a.png': 'second' }), blobs, anything);
    assert.deepEqual([third.uploaded.happy, third.skipped, third.renamed], [0, 1, []]);
  });

  it('goes by the size where the one who uploaded an image left its MD5 out', async () => {
    await blobs.write('emotions', 'happy/a.png', '12345');
    const bare: BlobStore = {
      ...blobs,
      async *list(...where) {
        for await (const info of blobs.list(...where)) yield { ...info, md5: null };
      },
    };
    assert.equal((await importImages(toSource({ 'happy/a.png': '12345' }), bare, anything)).skipped, 1);
    assert.equal((await importImages(toSource({ 'happy/a.png': '123456' }), bare, anything)).renamed.length, 1);
  });

  it('notices images that somebody else uploads at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => importImages(toSource({ 'happy/a.png': 'same' }), blobs, anything)));
    assert.equal(results.reduce((total, { uploaded }) => total + uploaded.happy, 0), 1);
    assert.deepEqual(await listNames(), ['happy/a.png']);
  });

  it('counts labels that are none of the four, by their names', async () => {
    const source = toSource({ 'disgust/a.png': '1', 'neutral/a.png': '2', 'neutral/b.png': '3', 'happy/a.png': '4' });
    const result = await importImages(source, blobs, anything);
    assert.deepEqual(result.otherLabels, { disgust: 1, neutral: 2 });
    assert.deepEqual(await listNames(), ['happy/a.png']);
  });

  it('refuses images that the pipeline could not use, and goes on', async () => {
    const checkImage = async (bytes: Uint8Array) => {
      if (bytes.length > 3) throw new Failure('image-too-large', 'too large');
    };
    const result = await importImages(toSource({ 'sad/z.png': 'long one', 'happy/a.png': 'long', 'happy/b.png': 'ok' }), blobs, { checkImage });
    assert.deepEqual(result.refused, [{ name: 'happy/a.png', reason: 'image-too-large' }, { name: 'sad/z.png', reason: 'image-too-large' }]);
    assert.deepEqual(await listNames(), ['happy/b.png']);
  });

  it('stops at failures that are not an image\'s own fault', async () => {
    const broken: BlobStore = { ...blobs, create: () => Promise.reject(new Failure('dependency-unavailable', 'away')) };
    let read = 0;
    const source = toSource(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`happy/${index}`, 'x'])), () => (read += 1));
    await assert.rejects(importImages(source, broken, { ...anything, concurrency: 4 }), (error) => isFailure(error, 'dependency-unavailable'));
    assert.ok(read <= 8, `${read} images were read`);
  });

  it('has no more images under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const checkImage = async () => {
      most = Math.max(most, (underWay += 1));
      await new Promise(setImmediate);
      underWay -= 1;
    };
    const source = toSource(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`happy/${index}`, `${index}`])));
    await importImages(source, blobs, { checkImage, concurrency: 3 });
    assert.equal(most, 3);
  });

  it('says how far it is, and stops when the signal is aborted', async () => {
    const controller = new AbortController();
    const reports: ImportProgress[] = [];
    const onProgress = (progress: ImportProgress): void => {
      reports.push(progress);
      if (progress.uploaded === 3) controller.abort(new Error('enough'));
    };
    const source = toSource(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`happy/${index}`, `${index}`])));
    const options = { ...anything, onProgress, concurrency: 1, signal: controller.signal };
    await assert.rejects(importImages(source, blobs, options), /enough/);
    assert.deepEqual(reports.at(-1), { uploaded: 3, skipped: 0, refused: 0 });
    assert.equal((await listNames()).length, 3);
  });
});

/** A source of files by `<label name>/<file name>`. */
async function* toSource(files: Readonly<Record<string, string>>, onRead: () => void = () => undefined): ImageSource {
  for (const [path, content] of Object.entries(files)) {
    const [labelName = '', fileName = ''] = path.split('/');
    const read = async (): Promise<Uint8Array> => {
      onRead();
      return Buffer.from(content);
    };
    yield { label: toEmotion(labelName), labelName, fileName, read } satisfies FoundImage;
  }
}
