import sharp from 'sharp';
import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';

export interface ContactSheetOptions {
  readonly title: string;
  /** Images beside each other. */
  readonly columns?: number;
  /** Side of an image on the sheet in pixels. */
  readonly tileSide?: number;
}

/** Width and height of the largest sheet; viewers and the decoder give up somewhere above. */
const MAX_SHEET_SIDE = 16_000;
const GAP = 2;
const MARGIN = 24;
const TITLE_HEIGHT = 56;
const CAPTION_HEIGHT = 34;
export const SHEET_FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"';

interface Sample {
  readonly label: Emotion;
  readonly pixels: GreyPixels;
}

/**
 * Draws samples as the network sees them on one sheet, as PNG: a block for each label, with its name and count, in the
 * order in which the samples come. Shows no more of a label than the sheet has room for, and says so.
 */
export async function renderContactSheet(samples: AsyncIterable<Sample> | Iterable<Sample>, options: ContactSheetOptions): Promise<Uint8Array> {
  const { title, columns = 20, tileSide = IMAGE_SIDE } = options;
  const step = tileSide + GAP;
  const maxRows = Math.floor((MAX_SHEET_SIDE - TITLE_HEIGHT - MARGIN) / EMOTIONS.length / step) - 1;
  const blocks = await collect(samples, columns * maxRows);

  const width = Math.max(columns * step - GAP, 320) + 2 * MARGIN;
  let y = TITLE_HEIGHT;
  const texts = [`<text x="${MARGIN}" y="38" font-size="20" font-weight="bold" fill="#1c2430">${escapeXml(title)}</text>`];
  const tiles: { pixels: GreyPixels; left: number; top: number }[] = [];
  for (const { label, count, shown } of blocks) {
    const rest = count === shown.length ? '' : `, the first ${shown.length} shown`;
    texts.push(`<text x="${MARGIN}" y="${y + 24}" font-size="15" fill="#3a4656">${label} (${count}${rest})</text>`);
    y += CAPTION_HEIGHT;
    for (const [index, pixels] of shown.entries()) {
      tiles.push({ pixels, left: MARGIN + (index % columns) * step, top: y + Math.floor(index / columns) * step });
    }
    y += Math.ceil(shown.length / columns) * step;
  }
  const height = y + MARGIN;
  const text = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g ${SHEET_FONT}>${texts.join('')}</g></svg>`);
  const input = await paint(tiles, { width, height, tileSide });
  return sharp(input, { raw: { width, height, channels: 1 } })
    .toColourspace('srgb')
    .composite([{ input: text }])
    .png()
    .toBuffer();
}

async function collect(samples: AsyncIterable<Sample> | Iterable<Sample>, maxShown: number) {
  const blocks = EMOTIONS.map((label) => ({ label, count: 0, shown: [] as GreyPixels[] }));
  for await (const { label, pixels } of samples) {
    const block = blocks[EMOTIONS.indexOf(label)]!;
    block.count += 1;
    if (block.shown.length < maxShown) block.shown.push(pixels);
  }
  return blocks;
}

interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly tileSide: number;
}

/** Copies the tiles into one picture row by row: thousands of them would be slow as layers. */
async function paint(tiles: readonly { pixels: GreyPixels; left: number; top: number }[], { width, height, tileSide }: Canvas): Promise<Buffer> {
  const canvas = Buffer.alloc(width * height, 0xff);
  for (const { pixels, left, top } of tiles) {
    const tile = tileSide === IMAGE_SIDE ? pixels : await enlarge(pixels, tileSide);
    for (let row = 0; row < tileSide; row += 1) {
      canvas.set(tile.subarray(row * tileSide, (row + 1) * tileSide), (top + row) * width + left);
    }
  }
  return canvas;
}

async function enlarge(pixels: GreyPixels, side: number): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width: IMAGE_SIDE, height: IMAGE_SIDE, channels: 1 } })
    .resize(side, side, { kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
