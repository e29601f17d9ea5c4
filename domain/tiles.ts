import type { Box, Size } from './face.ts';

/** A part of an image, and the size to scale it to. */
export interface View {
  readonly area: Box;
  readonly size: Size;
}

export interface TilePlan {
  /** Longest side of a view. */
  readonly largestSide: number;
  /** Pixels that tiles have in common with their neighbours, so that a face up to this size is whole in one of them. */
  readonly overlap: number;
  /** The image is enlarged so much before it is cut into tiles, … */
  readonly scale: number;
  /** … but to no more than this many pixels; a larger one is scaled down. Bounds the number of tiles. */
  readonly mostPixels: number;
}

/** The whole image, scaled down where it is too large. */
export function toWholeView({ width, height }: Size, largestSide: number): View {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  return { area: { x: 0, y: 0, width, height }, size: toScaled({ width, height }, scale) };
}

/** Overlapping parts of equal size that cover the image, row by row. Of an image that fits into one view, as large, there are none. */
export function toTiles(image: Size, { largestSide, overlap, scale: wanted, mostPixels }: TilePlan): View[] {
  const scale = Math.min(wanted, Math.sqrt(mostPixels / (image.width * image.height)));
  const scaled = toScaled(image, scale);
  if (Math.max(scaled.width, scaled.height) <= largestSide) return [];
  const columns = cut(scaled.width, largestSide, overlap);
  const rows = cut(scaled.height, largestSide, overlap);
  return rows.starts.flatMap((y) =>
    columns.starts.map((x) => ({
      area: { x: x / scale, y: y / scale, width: columns.length / scale, height: rows.length / scale },
      size: { width: columns.length, height: rows.length },
    })),
  );
}

/** Pieces of a length, of equal size, evenly spread, the fewest that leave the overlap. */
function cut(whole: number, largest: number, overlap: number): { starts: number[]; length: number } {
  const count = whole <= largest ? 1 : Math.ceil((whole - overlap) / (largest - overlap));
  const length = Math.ceil((whole + (count - 1) * overlap) / count);
  const starts = Array.from({ length: count }, (_, index) => (count === 1 ? 0 : Math.round((index * (whole - length)) / (count - 1))));
  return { starts, length };
}

function toScaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
