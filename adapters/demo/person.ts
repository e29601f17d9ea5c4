import type { Random } from './random.ts';

/** What stays the same in a face whatever it expresses, and how it was photographed. */
export interface Person {
  readonly skin: string;
  readonly hair: string;
  readonly iris: string;
  readonly hairStyle: 'short' | 'long' | 'curly' | 'bald' | 'fringe';
  readonly beard: 'none' | 'moustache' | 'full';
  readonly glasses: boolean;
  /** Half width and half height of the head. */
  readonly head: { readonly rx: number; readonly ry: number };
  readonly eyeDistance: number;
  readonly eyeSize: number;
  readonly browWeight: number;
  readonly noseLength: number;
}

export interface Shot {
  readonly background: readonly [string, string];
  /** Degrees. */
  readonly tilt: number;
  readonly scale: number;
  readonly shift: { readonly x: number; readonly y: number };
  readonly light: { readonly angle: number; readonly strength: number };
  /** Factor of all brightness. */
  readonly exposure: number;
  /** Deviation of the blur in pixels; 0 for none. */
  readonly blur: number;
  /** Deviation of the sensor's noise, of 255. */
  readonly noise: number;
}

const FAIR_SKINS = ['#f6d7c3', '#f0c3a0', '#e8b48e', '#e3ab82'] as const;
const FAIR_HAIRS = ['#1d1614', '#33231c', '#5a3a24', '#8a5a2e', '#c79a55', '#9b3d22', '#8d8d8d', '#d9d6d0'] as const;
const FAIR_IRISES = ['#4a2f1d', '#6b4a2a', '#3f6a3a', '#3b6ea5', '#5d6f7d'] as const;
const DARK_SKINS = ['#cf9467', '#b07a4f', '#8f5d3b', '#6f4630', '#5b3a29'] as const;
const DARK_HAIRS = ['#120d0c', '#1d1614', '#33231c', '#4a2f20', '#7d7d7d'] as const;
const DARK_IRISES = ['#2e1c12', '#4a2f1d', '#6b4a2a'] as const;
const WALLS = ['#20242b', '#3c2a3e', '#27414d', '#5c3b2e', '#6b6f63', '#a8a39a', '#c9d3da', '#8a4b57', '#d8c7a8'] as const;

export function toPerson(random: Random): Person {
  const hairStyle = random.pick<Person['hairStyle']>(['short', 'short', 'long', 'long', 'curly', 'fringe', 'bald']);
  const hasBeard = hairStyle !== 'long' && random.chance(0.3);
  const isDark = random.chance(0.5);
  return {
    skin: random.pick(isDark ? DARK_SKINS : FAIR_SKINS),
    hair: random.pick(isDark ? DARK_HAIRS : FAIR_HAIRS),
    iris: random.pick(isDark ? DARK_IRISES : FAIR_IRISES),
    hairStyle,
    beard: hasBeard ? random.pick(['moustache', 'full']) : 'none',
    glasses: random.chance(0.15),
    head: { rx: random.between(33, 39), ry: random.between(41, 46) },
    eyeDistance: random.between(15.5, 18.5),
    eyeSize: random.between(0.9, 1.12),
    browWeight: random.between(1.6, 3),
    noseLength: random.between(12, 17),
  };
}

export function toShot(random: Random): Shot {
  return {
    background: [random.pick(WALLS), random.pick(WALLS)],
    tilt: random.bell() * 6,
    scale: random.between(0.92, 1.1),
    shift: { x: random.bell() * 2, y: random.bell() * 2 },
    light: { angle: random.between(0, 360), strength: random.between(0.05, 0.4) },
    exposure: random.between(0.85, 1.2),
    blur: random.chance(0.3) ? random.between(0.4, 0.8) : 0,
    noise: random.between(1, 8),
  };
}
