/**
 * Measures how well it can be told how far faces are turned, on the scenes of BAROMETER_TEST_DATA:
 *
 *     node bench/turned.ts [--data <folder>] [--sheet turned.png]
 *
 * Nobody has written down how these people stand. But in a mirror each is turned as far to the other side, and scaled down as far
 * as before: prints how far the network agrees with itself, and its time for a face. `--sheet` draws all faces, the most turned first.
 * It is of photographs that may not be handed on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { loadFaceSight } from '../adapters/onnx/face-sight.ts';
import { renderCaptionedSheet } from '../adapters/vision/captioned-sheet.ts';
import { findFaces } from '../adapters/vision/find-faces.ts';
import { withFrame } from '../adapters/vision/frame.ts';
import { toFaceSquare } from '../domain/face.ts';
import { isSmall, isTurned } from '../domain/face-quality.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import { toTurn } from '../domain/landmarks.ts';

const LIMITS = { maxBytes: 100_000_000, maxPixels: 100_000_000 };
const HEIGHTS = [96, 48, 32, 24];
const TIMED = 50;

const { values } = parseArgs({ options: { data: { type: 'string', default: process.env['BAROMETER_TEST_DATA'] ?? '../shared/data' }, sheet: { type: 'string' } } });
const folder = join(values.data, 'scenes');
if (!existsSync(join(folder, 'MANIFEST.csv'))) throw new Error(`there is no ${folder}/MANIFEST.csv: set BAROMETER_TEST_DATA, or say --data`);

interface Sample {
  readonly file: string;
  readonly grey: GreyPixels;
  readonly colours: Uint8Array;
  readonly turn: number;
}

const { detector, landmarks, close } = await loadFaceSight();
const { side } = landmarks;
const samples: Sample[] = [];
const rows = parse(readFileSync(join(folder, 'MANIFEST.csv')), { columns: true }) as unknown as { file: string; faces: string }[];
for (const { file, faces } of rows) if (faces !== '') samples.push(...(await readSamples(file)));

console.log(`| ${samples.length} faces | turned | correlation with as they are | half differ by less than | 95 % by less than | of the turned, turned again |\n|---|--:|--:|--:|--:|--:|`);
print('as they are', samples.map(({ turn }) => turn));
// To the other side, and so with the other sign.
print('mirrored, the other way round', (await measure((image) => image.flop())).map((turn) => -turn));
for (const height of HEIGHTS) {
  const width = Math.round(toFaceSquare({ x: 0, y: 0, width: height, height }).width);
  print(`${height} pixels high`, await measure(async (image) => sharp(await image.resize(width, width).png().toBuffer())));
}
console.log(`\n${(await timeFaces()).toFixed(2)} ms a face, the median of ${TIMED}.`);
if (values.sheet !== undefined) await drawSheet(values.sheet);
await close();

async function readSamples(file: string): Promise<Sample[]> {
  return withFrame(readFileSync(join(folder, file)), LIMITS, async (frame) => {
    const squares = (await findFaces(frame, detector, 'auto')).filter(({ box }) => !isSmall(box)).map(({ box }) => toFaceSquare(box));
    const pictures = await Promise.all(squares.map(async (square) => (await frame.toSquarePicture(square, side)).pixels));
    const found = await landmarks.find(pictures);
    return Promise.all(squares.map(async (square, index) => ({ file, grey: await frame.toGreyPixels(square), colours: pictures[index]!, turn: toTurn(found[index]!) })));
  });
}

async function measure(change: (image: Sharp) => Sharp | Promise<Sharp>): Promise<number[]> {
  const turns: number[] = [];
  for (const { colours } of samples) {
    const changed = await change(sharp(colours, { raw: { width: side, height: side, channels: 3 } }));
    const [found] = await landmarks.find([await changed.resize(side, side).removeAlpha().raw().toBuffer()]);
    turns.push(toTurn(found!));
  }
  return turns;
}

function print(name: string, turns: readonly number[]): void {
  const before = samples.map(({ turn }) => turn);
  const differences = turns.map((turn, index) => Math.abs(turn - before[index]!)).toSorted((a, b) => a - b);
  const again = turns.filter((turn, index) => isTurned(turn) && isTurned(before[index]!)).length;
  const toDifference = (share: number): string => differences[Math.floor(share * (differences.length - 1))]!.toFixed(3);
  console.log(`| ${[name, turns.filter(isTurned).length, correlate(turns, before).toFixed(3), toDifference(0.5), toDifference(0.95), again].join(' | ')} |`);
}

function correlate(a: readonly number[], b: readonly number[]): number {
  const centre = (values: readonly number[]) => values.map((value) => value - values.reduce((sum, other) => sum + other, 0) / values.length);
  const [left, right] = [centre(a), centre(b)];
  const dot = (one: readonly number[], other: readonly number[]) => one.reduce((sum, value, index) => sum + value * other[index]!, 0);
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
}

async function timeFaces(): Promise<number> {
  const times: number[] = [];
  for (const { colours } of samples.slice(0, TIMED)) {
    const startedAt = performance.now();
    await landmarks.find([colours]);
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

async function drawSheet(file: string): Promise<void> {
  const sorted = samples.toSorted((a, b) => Math.abs(b.turn) - Math.abs(a.turn));
  const images = sorted.map(({ grey, turn, file: from }) => ({ pixels: grey, lines: [`${turn.toFixed(2)}${isTurned(turn) ? ' turned' : ''}`, from] }));
  await writeFile(file, await renderCaptionedSheet(images, `${images.length} faces, the most turned first`));
}
