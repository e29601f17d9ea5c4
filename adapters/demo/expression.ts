import type { Emotion } from '../../domain/emotion.ts';
import type { Random } from './random.ts';

/** What moves in a face, in hundredths of the face's frame; y grows downwards. */
export interface Expression {
  readonly brow: {
    /** How far the whole brow is lowered; negative is raised. */
    readonly drop: number;
    /** How far its inner end is lowered further; negative is raised. */
    readonly inner: number;
    /** How much it arches. */
    readonly arch: number;
    /** Folds between the brows. */
    readonly furrow: boolean;
  };
  readonly eye: {
    /** Half its height when open. */
    readonly open: number;
    /** Share of it that the upper lid covers. */
    readonly lid: number;
    /** How far the lid's outer end lies lower than its inner one. */
    readonly slant: number;
    /** Share of it that the cheek pushes up from below. */
    readonly cheek: number;
    readonly pupil: number;
    /** Where it looks: down is positive. */
    readonly gaze: number;
  };
  readonly mouth: {
    readonly halfWidth: number;
    /** How far the corners lie above its middle; negative is a frown. */
    readonly curve: number;
    readonly open: number;
    readonly shape: 'lips' | 'oval' | 'square';
    readonly teeth: boolean;
  };
  readonly drop: 'none' | 'tear' | 'sweat';
}

/** How a face shows a label: always recognisable, seldom the same, from a hint to all over the face. */
export function toExpression(label: Emotion, random: Random): Expression {
  const strength = random.between(0.55, 1);
  const vary = (value: number, spread: number): number => value + random.bell() * spread;
  return EXPRESSIONS[label](random, vary, strength);
}

type Draw = (random: Random, vary: (value: number, spread: number) => number, strength: number) => Expression;

const EXPRESSIONS: Readonly<Record<Emotion, Draw>> = {
  happy: (random, vary, strength) => {
    const laughs = random.chance(0.55);
    return {
      brow: { drop: vary(-1, 1), inner: vary(0, 0.7), arch: vary(3, 0.7), furrow: false },
      eye: { open: vary(5.2, 0.5), lid: 0.05, slant: 0, cheek: 0.25 + 0.3 * strength * Number(laughs), pupil: 2.5, gaze: vary(0, 0.5) },
      mouth: {
        halfWidth: vary(15 + 4 * strength, 1),
        curve: vary(5 + 5 * strength, 0.8),
        open: laughs ? random.between(3, 9) * strength + 1.5 : 0,
        shape: 'lips',
        teeth: random.chance(0.85),
      },
      drop: 'none',
    };
  },
  sad: (random, vary, strength) => ({
    brow: { drop: vary(0.5, 0.8), inner: vary(-3 - 4 * strength, 0.6), arch: vary(0.5, 0.6), furrow: random.chance(0.2) },
    eye: { open: vary(4.8, 0.4), lid: 0.25 + 0.2 * strength, slant: vary(2.5, 0.5), cheek: 0, pupil: 2.4, gaze: vary(1.6, 0.5) },
    mouth: {
      halfWidth: vary(11.5, 1),
      curve: vary(-3.5 - 4 * strength, 0.7),
      open: random.chance(0.25) ? random.between(1, 2.5) : 0,
      shape: 'lips',
      teeth: false,
    },
    drop: random.chance(0.3) ? 'tear' : 'none',
  }),
  angry: (random, vary, strength) => {
    const shouts = random.chance(0.45);
    return {
      brow: { drop: vary(2.2, 0.6), inner: vary(3.5 + 3.5 * strength, 0.6), arch: vary(0.3, 0.5), furrow: random.chance(0.75) },
      eye: { open: vary(4.6, 0.4), lid: 0.22, slant: vary(-3, 0.5), cheek: 0.12, pupil: 2.1, gaze: vary(0, 0.4) },
      mouth: {
        halfWidth: vary(shouts ? 13 : 11, 1),
        curve: vary(-1.5 - 2.5 * strength, 0.7),
        open: shouts ? random.between(4, 7.5) * strength + 1 : 0,
        shape: 'square',
        teeth: shouts,
      },
      drop: 'none',
    };
  },
  fearful: (random, vary, strength) => ({
    brow: { drop: vary(-3.5 - 2 * strength, 0.7), inner: vary(-2.2, 0.6), arch: vary(1.5, 0.5), furrow: random.chance(0.3) },
    eye: { open: vary(6.6 + 1.8 * strength, 0.4), lid: 0, slant: 0, cheek: 0, pupil: 1.6, gaze: vary(-0.2, 0.4) },
    mouth: {
      halfWidth: vary(8.5, 1.2),
      curve: vary(-1.5, 0.6),
      open: random.between(3.5, 8) * strength + 1,
      shape: 'oval',
      teeth: random.chance(0.3),
    },
    drop: random.chance(0.3) ? 'sweat' : 'none',
  }),
};
