/**
 * Measures how faces are found in the scenes of BAROMETER_TEST_DATA, whose MANIFEST.csv says how many each shows:
 *
 *     node bench/faces.ts [--data <folder>] [--rounds 5]
 *
 * Prints three tables: found and false faces with and without tiles; milliseconds for the detector and for whole requests'
 * worth of work, with one thread and with two; and from which size on a face in a Full HD frame is found. A scene with
 * too few faces found has missed some, one with too many has false ones: a miss and a false face in one scene would hide
 * each other. Memory is that of this process.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { loadFaceSight } from '../adapters/onnx/face-sight.ts';
import { cutFaces } from '../adapters/vision/cut-faces.ts';
import type { Tiling } from '../adapters/vision/find-faces.ts';
import { TILINGS } from '../adapters/vision/find-faces.ts';
import type { Box } from '../domain/face.ts';
import { toOverlap } from '../domain/face.ts';

const LIMITS = { maxBytes: 100_000_000, maxPixels: 100_000_000 };
const FULL_HD = { width: 1920, height: 1080 } as const;
const FACE_HEIGHTS = [12, 16, 20, 24, 32, 48, 72, 96];

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env['BAROMETER_TEST_DATA'] ?? '../shared/data' }, rounds: { type: 'string', default: '5' } },
});
const folder = join(values.data, 'scenes');
if (!existsSync(join(folder, 'MANIFEST.csv'))) throw new Error(`there is no ${folder}/MANIFEST.csv: set BAROMETER_TEST_DATA, or say --data`);
const rounds = Number(values.rounds);

interface Scene {
  readonly file: string;
  /** Null where nobody knows. */
  readonly faces: number | null;
  readonly bytes: Buffer;
}

const rows = parse(readFileSync(join(folder, 'MANIFEST.csv')), { columns: true }) as unknown as { file: string; faces: string }[];
const scenes = rows.map(({ file, faces }): Scene => ({ file, faces: faces === '' ? null : Number(faces), bytes: readFileSync(join(folder, file)) }));

const before = toMegabytes(process.memoryUsage.rss());
const loadedIn = await time(async () => (await loadFaceSight()).close());
const sight = await loadFaceSight();
console.log(`Loading takes ${loadedIn.toFixed(0)} ms; ${before} MB resident before, ${toMegabytes(process.memoryUsage.rss())} MB after.\n`);
await printRecall();
await printTimes();
await printSizes();
console.log(`\n${toMegabytes(process.memoryUsage.rss())} MB resident at the end.`);
await sight.close();

async function printRecall(): Promise<void> {
  console.log('| tiles | faces | found | false | scenes with another number (found of known) | crowds (found) |\n|---|--:|--:|--:|---|---|');
  for (const tiling of TILINGS) {
    let known = 0;
    let found = 0;
    let wrong = 0;
    const others: string[] = [];
    const crowds: string[] = [];
    for (const { file, faces, bytes } of scenes) {
      const { length } = (await cutFaces(bytes, LIMITS, sight, tiling)).faces;
      if (faces === null) crowds.push(`${file} ${length}`);
      else {
        known += faces;
        found += Math.min(length, faces);
        wrong += Math.max(0, length - faces);
        if (length !== faces) others.push(`${file} ${length} of ${faces}`);
      }
    }
    const toShare = (count: number): string => `${count} (${((100 * count) / known).toFixed(1)} %)`;
    console.log(`| ${[tiling, known, toShare(found), toShare(wrong), others.join(', '), crowds.join(', ')].join(' | ')} |`);
  }
}

/** Medians, so that what else this machine does counts less. */
async function printTimes(): Promise<void> {
  const hd = await toSceneOf(1280, 720);
  const fullHd = await toSceneOf(FULL_HD.width, FULL_HD.height);
  console.log('\n| threads | detector, 512x288 ms | 720p with 5 faces, decoded and cut, ms | 1080p, whole | 1080p, tiles |\n|--:|--:|--:|--:|--:|');
  for (const threads of [1, 2]) {
    const measured = await loadFaceSight({ processors: threads });
    const picture = { width: 512, height: 288, pixels: await sharp(hd).resize(512, 288).raw().toBuffer() };
    const columns = [
      () => measured.detector.detect(picture),
      () => cutFaces(hd, LIMITS, measured, 'never'),
      () => cutFaces(fullHd, LIMITS, measured, 'never'),
      () => cutFaces(fullHd, LIMITS, measured, 'always'),
    ];
    const cells: string[] = [];
    for (const work of columns) cells.push((await toMedianMs(work, rounds * 5)).toFixed(0));
    console.log(`| ${threads} | ${cells.join(' | ')} |`);
    await measured.close();
  }
}

/** A scene of five faces as a camera of this size sends it. */
async function toSceneOf(width: number, height: number): Promise<Buffer> {
  const { bytes } = scenes.find(({ faces }) => faces === 5)!;
  return sharp(bytes).resize(width, height, { fit: 'cover' }).jpeg({ quality: 85 }).toBuffer();
}

/** Faces that are found without doubt are scaled to a height and put, one by one, into a Full HD frame of blurred scenery. */
async function printSizes(): Promise<void> {
  const samples = await collectFaces();
  const scenery = await sharp(scenes[0]!.bytes).resize(FULL_HD.width, FULL_HD.height, { fit: 'cover' }).blur(40).toBuffer();
  console.log(`\n| height of the face in 1920 x 1080 | found with tiles | without |\n|--:|--:|--:|`);
  for (const height of FACE_HEIGHTS) {
    const cells: string[] = [];
    for (const tiling of ['always', 'never'] satisfies Tiling[]) {
      let found = 0;
      for (const [index, sample] of samples.entries()) if (await isFound(sample, height, index, scenery, tiling)) found += 1;
      cells.push(`${found} of ${samples.length}`);
    }
    console.log(`| ${height} | ${cells.join(' | ')} |`);
  }
}

interface Sample {
  readonly bytes: Buffer;
  readonly around: Box;
  readonly faceHeight: number;
}

/** The two best of each scene of a few people, with their surroundings. */
async function collectFaces(): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const { bytes } of scenes.filter(({ faces }) => faces !== null && faces < 8)) {
    const { width, height, faces } = await cutFaces(bytes, LIMITS, sight, 'never');
    const large = faces.filter(({ box }) => box.height >= 60).toSorted((a, b) => b.score - a.score);
    for (const { box } of large.slice(0, 2)) {
      const left = Math.max(0, box.x - box.width);
      const top = Math.max(0, box.y - box.height);
      const around = { x: left, y: top, width: Math.min(width - left, 3 * box.width), height: Math.min(height - top, 3 * box.height) };
      samples.push({ bytes, around, faceHeight: box.height });
    }
  }
  return samples;
}

async function isFound({ bytes, around, faceHeight }: Sample, height: number, index: number, scenery: Buffer, tiling: Tiling): Promise<boolean> {
  const scale = height / faceHeight;
  const width = Math.max(1, Math.round(around.width * scale));
  const tall = Math.max(1, Math.round(around.height * scale));
  const region = { left: around.x, top: around.y, width: around.width, height: around.height };
  const patch = await sharp(bytes).autoOrient().extract(region).resize(width, tall, { fit: 'fill' }).png().toBuffer();
  const left = (index * 397) % (FULL_HD.width - width);
  const top = (index * 229) % (FULL_HD.height - tall);
  const frame = await sharp(scenery).composite([{ input: patch, left, top }]).jpeg({ quality: 85 }).toBuffer();
  const patchBox = { x: left, y: top, width, height: tall };
  const { faces } = await cutFaces(frame, LIMITS, sight, tiling);
  return faces.some(({ box }) => toOverlap(box, patchBox) > 0 && box.height < 2 * height && box.height > height / 2);
}

async function toMedianMs(work: () => Promise<unknown>, runs: number): Promise<number> {
  await work();
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await time(work));
  return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)]!;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
