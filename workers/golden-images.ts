import type { GoldenImage } from '../activities/evaluate.ts';
import { drawDemoFaces } from '../adapters/demo/demo-faces.ts';
import { toGreyPixels } from '../adapters/vision/decode.ts';
import { encodeGreyPng } from '../adapters/vision/grey-png.ts';

const LIMITS = { maxBytes: 1_000_000, maxPixels: 1_000_000 };

/**
 * One drawn face of each expression. The files are what is left after the transform, without loss: a server that decodes
 * them sees these very pixels, whatever its processor does to the last bit of a JPEG.
 */
export async function drawGoldenImages(): Promise<GoldenImage[]> {
  const images: GoldenImage[] = [];
  for await (const face of drawDemoFaces({ perLabel: 1, seed: 1 })) {
    const { pixels } = await toGreyPixels(await face.read(), LIMITS);
    images.push({ file: await encodeGreyPng(pixels), pixels });
  }
  return images;
}
