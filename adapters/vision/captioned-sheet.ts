import sharp from 'sharp';
import type { GreyPixels } from '../../domain/image-transform.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';
import { escapeXml, SHEET_FONT } from './contact-sheet.ts';

/** An image, and what is to be read below it: short lines, of which what does not fit is cut off in front. */
export interface CaptionedImage {
  readonly pixels: GreyPixels;
  readonly lines: readonly string[];
}

const COLUMNS = 8;
const TILE_SIDE = 168;
const GAP = 12;
const MARGIN = 24;
const TITLE_HEIGHT = 56;
const LINE_HEIGHT = 16;
/** What fits below an image in this size of type. */
const MOST_SIGNS = 24;

/** Draws images as the network sees them, enlarged, each with its caption, row by row in the order given, as PNG. */
export async function renderCaptionedSheet(images: readonly CaptionedImage[], title: string): Promise<Uint8Array> {
  const lines = Math.max(0, ...images.map((image) => image.lines.length));
  const rowHeight = TILE_SIDE + lines * LINE_HEIGHT + GAP;
  const width = 2 * MARGIN + COLUMNS * (TILE_SIDE + GAP) - GAP;
  const height = TITLE_HEIGHT + Math.ceil(images.length / COLUMNS) * rowHeight + MARGIN;
  const places = images.map((image, index) => ({
    image,
    left: MARGIN + (index % COLUMNS) * (TILE_SIDE + GAP),
    top: TITLE_HEIGHT + Math.floor(index / COLUMNS) * rowHeight,
  }));
  const captions = places.flatMap(({ image, left, top }) =>
    image.lines.map((line, row) => `<text x="${left}" y="${top + TILE_SIDE + (row + 1) * LINE_HEIGHT - 3}" font-size="12"${row === 0 ? ' font-weight="bold"' : ''} fill="#1c2430">${escapeXml(shorten(line))}</text>`),
  );
  const heading = `<text x="${MARGIN}" y="38" font-size="20" font-weight="bold" fill="#1c2430">${escapeXml(title)}</text>`;
  const text = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g ${SHEET_FONT}>${heading}${captions.join('')}</g></svg>`);
  const tiles = await Promise.all(places.map(async ({ image, left, top }) => ({ input: await enlarge(image.pixels), left, top })));
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([...tiles, { input: text }])
    .png()
    .toBuffer();
}

function enlarge(pixels: GreyPixels): Promise<Buffer> {
  return sharp(pixels, { raw: { width: IMAGE_SIDE, height: IMAGE_SIDE, channels: 1 } })
    .resize(TILE_SIDE, TILE_SIDE, { kernel: 'cubic' })
    .png()
    .toBuffer();
}

/** A name says most at its end. */
function shorten(line: string): string {
  return line.length <= MOST_SIGNS ? line : `…${line.slice(1 - MOST_SIGNS)}`;
}
