import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import { findTestData } from './test-data.ts';

export interface Scene {
  readonly file: string;
  readonly faces: number;
  readonly bytes: Buffer;
}

/** The photographs of groups of which it is known how many faces they show; null where they are not on this machine. */
export function readScenes(): Scene[] | null {
  const folder = findTestData('scenes');
  if (folder === null) return null;
  const rows = parse(readFileSync(join(folder, 'MANIFEST.csv')), { columns: true }) as unknown as { file: string; faces: string }[];
  return rows.filter(({ faces }) => faces !== '').map(({ file, faces }) => ({ file, faces: Number(faces), bytes: readFileSync(join(folder, file)) }));
}

/** Of the faces that seed 7 draws, those in which the detector sees a face as surely as in a photograph; in others it sees none. */
const SEEN = [2, 22, 26, 42];
const SEEN_SEED = 7;

export interface DrawnPlace {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** A scene of drawn faces at these places, at most four, as PNG: what can be tested without photographs. */
export async function drawScene({ width, height }: { width: number; height: number }, places: readonly DrawnPlace[]): Promise<Buffer> {
  const drawn: Uint8Array[] = [];
  let number = 0;
  for await (const face of drawDemoFaces({ perLabel: 11, seed: SEEN_SEED })) {
    if (SEEN.includes(number)) drawn.push(await face.read());
    number += 1;
  }
  const layers = places.map(async ({ left, top, side }, index) => ({ input: await sharp(drawn[index]).resize(side, side).png().toBuffer(), left, top }));
  return sharp({ create: { width, height, channels: 3, background: '#556677' } })
    .composite(await Promise.all(layers))
    .png()
    .toBuffer();
}
