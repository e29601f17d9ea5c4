import type { Box, DetectedFace, FaceDetector } from '../../domain/face.ts';
import { dropDoubles, moveBox, scaleBox, toSharedPart } from '../../domain/face.ts';
import type { View } from '../../domain/tiles.ts';
import { toTiles, toWholeView } from '../../domain/tiles.ts';
import type { Frame } from './frame.ts';

/** Whether a frame is also looked at in parts, closer: always, never, or where that is likely to find more. */
export const TILINGS = ['auto', 'always', 'never'] as const;
export type Tiling = (typeof TILINGS)[number];

/**
 * Figures behind these in docs/model.md. Whoever sees much sees faces everywhere: the smallest faces, and those that only
 * a closer look shows, need a better score than the ones that stand out.
 */
const DOUBTFUL_HEIGHT = 24;
const SURE_SCORE = 0.6;

/** Enlarged by this, faces of 16 pixels are found nearly as surely as large ones. */
const TILE_SCALE = 1.5;
/** Full HD, enlarged; what is larger is enlarged less. Bounds the tiles to some thirty. */
const MOST_TILED_PIXELS = 1920 * 1080 * TILE_SCALE ** 2;
/** Tiles have this much in common, so that a face up to this size is whole in one of them; larger ones the whole view shows. */
const TILE_OVERLAP = 112;
/** In pixels of the whole view: a face from this height on would have been seen there, and what only a tile shows is none. */
const PLAIN_HEIGHT = 32;
/** In pixels of a tile: a face from this height on may be missing in the tiles and be one all the same. */
const CLEAR_HEIGHT = 64;
/** Frames of up to 720p show faces of 50 pixels and more well enough as a whole. */
const LARGEST_WHOLE_PIXELS = 1280 * 720;
/** Where there are so many faces there are mostly more, and smaller ones. */
const CROWD = 12;

/** Of doubles the smaller one often lies inside the larger one. */
const LARGEST_SHARED_PART = 0.5;
/** A box this near to a tile's edge is that of a face which goes on in the next tile. */
const EDGE = 2;
/** Bounds what one image can cost. */
export const MOST_FACES = 500;

interface Seen extends DetectedFace {
  /** In the pixels of the view. */
  readonly seen: Box;
}

/**
 * Finds the faces in a frame, in its pixels, from left to right; boxes may reach over its edges. First in the whole of it, scaled down, then, as `tiling`
 * says, in overlapping parts.
 */
export async function findFaces(frame: Frame, detector: FaceDetector, tiling: Tiling): Promise<DetectedFace[]> {
  const { largestSide } = detector;
  const wholeView = toWholeView(frame, largestSide);
  const whole = (await look(frame, detector, wholeView)).filter(
    ({ seen, score }) => score >= SURE_SCORE || seen.height >= DOUBTFUL_HEIGHT,
  );
  const tiles = isTiled(frame, whole, tiling) ? toTiles(frame, { largestSide, overlap: TILE_OVERLAP, scale: TILE_SCALE, mostPixels: MOST_TILED_PIXELS }) : [];
  const faces = tiles.length === 0 ? whole : merge(whole, await lookCloser(frame, detector, tiles), { wholeView, tile: tiles[0]! });
  return faces
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_FACES)
    .map(({ box, score }) => ({ box, score }))
    .toSorted((a, b) => a.box.x - b.box.x || a.box.y - b.box.y);
}

function isTiled({ width, height }: Frame, faces: readonly Seen[], tiling: Tiling): boolean {
  if (tiling !== 'auto') return tiling === 'always';
  return width * height > LARGEST_WHOLE_PIXELS || faces.length >= CROWD;
}

async function look(frame: Frame, detector: FaceDetector, { area, size }: View): Promise<Seen[]> {
  const faces = await detector.detect(await frame.toPicture(area, size));
  return faces.map(({ box, score }) => ({ seen: box, box: moveBox(scaleBox(box, area.width / size.width), area), score }));
}

async function lookCloser(frame: Frame, detector: FaceDetector, tiles: readonly View[]): Promise<Seen[]> {
  // All at once: the next tiles are cut while the detector is at work on one.
  const found = await Promise.all(tiles.map(async (tile) => (await look(frame, detector, tile)).filter((face) => !isCut(face.seen, tile, frame))));
  return found.flat().filter(({ score }) => score >= SURE_SCORE);
}

function isCut({ x, y, width, height }: Box, { area, size }: View, frame: Frame): boolean {
  const right = area.x + area.width;
  const bottom = area.y + area.height;
  return (
    (area.x > 1 && x < EDGE) ||
    (area.y > 1 && y < EDGE) ||
    (right < frame.width - 1 && x + width > size.width - EDGE) ||
    (bottom < frame.height - 1 && y + height > size.height - EDGE)
  );
}

/** Each size of face is believed where it shows best: small ones in the tiles, unless they are sure, and large ones in the whole view. */
function merge(whole: readonly Seen[], close: readonly Seen[], { wholeView, tile }: { wholeView: View; tile: View }): DetectedFace[] {
  const pixelsPerTilePixel = tile.area.width / tile.size.width;
  const pixelsPerWholePixel = wholeView.area.width / wholeView.size.width;
  const credible = whole.filter(({ box, score }) => score >= SURE_SCORE || box.height > CLEAR_HEIGHT * pixelsPerTilePixel);
  const kept = dropDoubles(credible, toSharedPart, LARGEST_SHARED_PART);
  const small = close.filter(({ box }) => box.height < PLAIN_HEIGHT * pixelsPerWholePixel);
  const others = small.filter(({ box }) => kept.every((face) => toSharedPart(face.box, box) <= LARGEST_SHARED_PART));
  return [...kept, ...dropDoubles(others, toSharedPart, LARGEST_SHARED_PART)];
}
