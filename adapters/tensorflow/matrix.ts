import { IMAGE_SIDE } from '../../domain/image-transform.ts';

/** A square matrix with as many rows as an image, row after row. */
export type Matrix = Float32Array;

/** Columns as rows. */
export function transpose(matrix: Matrix): Matrix {
  return matrix.map((_, index) => matrix[(index % IMAGE_SIDE) * IMAGE_SIDE + Math.floor(index / IMAGE_SIDE)]!);
}

/** An image times this one is the image mirrored from left to right. */
export function toMirror(): Matrix {
  return new Float32Array(IMAGE_SIDE ** 2).map((_, index) => {
    const [row, column] = [Math.floor(index / IMAGE_SIDE), index % IMAGE_SIDE];
    return row + column === IMAGE_SIDE - 1 ? 1 : 0;
  });
}
