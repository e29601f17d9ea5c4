import type { SampleSource, TrainingSample } from '../../../adapters/tensorflow/samples.ts';
import { createRandom } from '../../../domain/random.ts';
import { countByLabel } from '../../../domain/dataset.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import type { Emotion, PerEmotion } from '../../../domain/emotion.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from '../../../domain/image-transform.ts';

/** How each expression bends the mouth and opens the eyes, in pixels. */
const STROKES: PerEmotion<{ readonly bend: number; readonly eye: number }> = {
  happy: { bend: 5, eye: 2 },
  sad: { bend: -5, eye: 2 },
  angry: { bend: 0, eye: 1 },
  fearful: { bend: 0, eye: 5 },
};

/** A face that a network can tell from the others, no two alike. */
export function drawFace(label: Emotion, index: number): Uint8Array {
  const random = createRandom('face', label, index);
  const { bend, eye } = STROKES[label];
  const skin = random.uniform(140, 210);
  const pixels = Uint8Array.from({ length: IMAGE_PIXELS }, () => skin + random.uniform(-12, 12));
  const dx = random.integer(5) - 2;
  const dy = random.integer(5) - 2;
  const dot = (x: number, y: number): void => {
    for (const [ox, oy] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) pixels[(Math.round(y) + dy + oy) * IMAGE_SIDE + Math.round(x) + dx + ox] = 40;
  };
  for (const centre of [16, 31]) for (let y = -eye; y <= eye; y += 1) for (let x = -3; x <= 3; x += 1) dot(centre + x, 17 + y);
  for (let x = -10; x <= 10; x += 1) dot(23 + x, 34 + bend * (1 - (x / 10) ** 2) - bend / 2);
  return pixels;
}

/** So many drawn faces of each label, mixed. `from` begins with later ones, for sets that share no face. */
export function drawFaces(perLabel: number | PerEmotion, from = 0): TrainingSample[] {
  const most = typeof perLabel === 'number' ? perLabel : Math.max(...Object.values(perLabel));
  return Array.from({ length: most }, (_, index) =>
    EMOTIONS.filter((label) => index < (typeof perLabel === 'number' ? perLabel : perLabel[label])).map((label) => ({
      label,
      pixels: drawFace(label, from + index),
    })),
  ).flat();
}

export function toSource(samples: readonly TrainingSample[]): SampleSource {
  return {
    counts: countByLabel(samples),
    async *read() {
      yield* samples;
    },
  };
}
