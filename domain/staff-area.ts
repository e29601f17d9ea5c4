import type { Box, Size } from './face.ts';
import type { Point, StaffArea } from './venue.ts';

/**
 * Whether a face is one of the staff's: the centre of its box, as far as it lies in the image, is in one of the areas, or on its
 * edge. `box` and `image` are in the same pixels.
 */
export function isInStaffArea({ x, y, width, height }: Box, image: Size, areas: readonly StaffArea[]): boolean {
  const centre: Point = [toShare(x + width / 2, image.width), toShare(y + height / 2, image.height)];
  return areas.some(({ points }) => encloses(points, centre));
}

function toShare(pixels: number, whole: number): number {
  return Math.min(Math.max(pixels / whole, 0), 1);
}

/** By the even-odd rule: how often a ray to the right crosses the edges. What an edge runs through is inside. */
function encloses(points: readonly Point[], [x, y]: Point): boolean {
  let isInside = false;
  for (const [index, [fromX, fromY]] of points.entries()) {
    const [toX, toY] = points[(index + 1) % points.length]!;
    if (isOnEdge([x, y], [fromX, fromY], [toX, toY])) return true;
    const crosses = fromY > y !== toY > y && x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX);
    if (crosses) isInside = !isInside;
  }
  return isInside;
}

/** Of the image's side. */
const EDGE_WIDTH = 1e-9;

function isOnEdge([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): boolean {
  const lengthSquared = (toX - fromX) ** 2 + (toY - fromY) ** 2;
  const along = lengthSquared === 0 ? 0 : Math.min(Math.max(((x - fromX) * (toX - fromX) + (y - fromY) * (toY - fromY)) / lengthSquared, 0), 1);
  return Math.hypot(x - fromX - along * (toX - fromX), y - fromY - along * (toY - fromY)) <= EDGE_WIDTH;
}
