import assert from 'node:assert/strict';
import type { DemoFace } from '../../../adapters/demo/demo-faces.ts';
import { drawDemoFaces } from '../../../adapters/demo/demo-faces.ts';
import { toGreyPixels } from '../../../adapters/vision/decode.ts';
import { countByLabel } from '../../../domain/dataset.ts';

const LIMITS = { maxBytes: 1_000_000, maxPixels: 1_000_000 };

describe('demo faces', () => {
  const draw = (perLabel: number, seed: number): Promise<DemoFace[]> => Array.fromAsync(drawDemoFaces({ perLabel, seed }));

  it('are equally many for every label, each with a name of its own that says synthetic', async () => {
    const faces = await draw(5, 1);
    assert.deepEqual(countByLabel(faces), { happy: 5, sad: 5, angry: 5, fearful: 5 });
    assert.equal(new Set(faces.map(({ label, fileName }) => `${label}/${fileName}`)).size, 20);
    for (const { fileName } of faces) assert.match(fileName, /^synthetic-1-\d{4}\.(jpg|png)$/);
  });

  it('are the same for the same seed, and when they are read again', async () => {
    const [first, again] = [await draw(2, 3), await draw(2, 3)];
    for (const [index, face] of first.entries()) {
      assert.equal(face.fileName, again[index]!.fileName);
      const bytes = await face.read();
      assert.deepEqual(await face.read(), bytes);
      assert.deepEqual(await again[index]!.read(), bytes);
    }
  });

  it('are others for another seed, and never twice the same', async () => {
    const faces = [...(await draw(10, 1)), ...(await draw(10, 2))];
    const contents = await Promise.all(faces.map(async (face) => Buffer.from(await face.read()).toString('base64')));
    assert.equal(new Set(contents).size, faces.length);
  });

  it('are images that the pipeline can use, of the format that their names say', async () => {
    for (const face of await draw(5, 4)) {
      const { width, height, format } = await toGreyPixels(await face.read(), LIMITS);
      assert.equal(width, height);
      assert.ok(width >= 80 && width <= 128);
      assert.equal(face.fileName.endsWith('.png') ? 'png' : 'jpeg', format);
    }
  });
});
