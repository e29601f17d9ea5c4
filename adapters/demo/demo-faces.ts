import sharp from 'sharp';
import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { toExpression } from './expression.ts';
import { drawFace } from './face-svg.ts';
import { toPerson, toShot } from './person.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';

export interface DemoFacesOptions {
  readonly perLabel: number;
  /** The same seed draws the same faces. */
  readonly seed: number;
}

/** A drawn face; fits where images to import are asked for. */
export interface DemoFace {
  readonly label: Emotion;
  readonly labelName: string;
  /** Says that no person is to be seen: `synthetic-<seed>-<number>.jpg`. */
  readonly fileName: string;
  read(): Promise<Uint8Array>;
}

/**
 * Drawn faces to try the pipeline with: people, light, sharpness, noise and file format vary as they do in photographs,
 * and the four expressions are plain enough for a small network. They say nothing about how well a model reads people.
 */
export async function* drawDemoFaces({ perLabel, seed }: DemoFacesOptions): AsyncGenerator<DemoFace> {
  for (let number = 1; number <= perLabel; number += 1) {
    for (const [index, label] of EMOTIONS.entries()) {
      const faceSeed = toFaceSeed(seed, number * EMOTIONS.length + index);
      const format = createRandom(faceSeed).chance(0.7) ? 'jpg' : 'png';
      const fileName = `synthetic-${seed}-${String(number).padStart(4, '0')}.${format}`;
      yield { label, labelName: label, fileName, read: () => render(label, format, createRandom(~faceSeed)) };
    }
  }
}

async function render(label: Emotion, format: 'jpg' | 'png', random: Random): Promise<Uint8Array> {
  const size = random.pick([80, 96, 96, 112, 128]);
  const shot = toShot(random);
  const svg = drawFace(toPerson(random), toExpression(label, random), shot, size);
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .linear(shot.exposure)
    .blur(shot.blur === 0 ? false : shot.blur)
    .raw()
    .toBuffer({ resolveWithObject: true });
  addNoise(data, info.channels, shot.noise, random);
  const image = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  return format === 'png' ? image.png().toBuffer() : image.jpeg({ quality: Math.round(random.between(60, 92)) }).toBuffer();
}

/** The same for all channels of a pixel, as a camera's noise mostly is in bad light. */
function addNoise(pixels: Buffer, channels: number, deviation: number, random: Random): void {
  for (let start = 0; start < pixels.length; start += channels) {
    const noise = random.between(-1, 1) * deviation * 1.7;
    for (let channel = start; channel < start + channels; channel += 1) {
      pixels[channel] = Math.max(0, Math.min(255, Math.round((pixels[channel] ?? 0) + noise)));
    }
  }
}

function toFaceSeed(seed: number, number: number): number {
  return Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b);
}
