import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Box, RgbPicture, Size } from '../../domain/face.ts';
import { clipBox, scaleBox } from '../../domain/face.ts';
import type { GreyPixels, ImageLimits } from '../../domain/image-transform.ts';
import { createBudget } from './budget.ts';
import type { ImageFormat } from './decode.ts';
import { checkImage, MID_GREY, refuseDamaged, transform } from './decode.ts';

/** A decoded image to cut pieces out of. All boxes are in its own pixels, as a person sees it. */
export interface Frame extends Size {
  readonly format: ImageFormat;
  /** A part of the image, scaled to a size. */
  toPicture(area: Box, size: Size): Promise<RgbPicture>;
  /** A square of the image, so many pixels a side. What of it lies outside has the colours of the nearest edge, so that a face keeps its place in it. */
  toSquarePicture(square: Box, side: number): Promise<RgbPicture>;
  /** A part of the image as the network's input. A square that reaches over an edge is moved inside, and shrunk where it is too large. */
  toGreyPixels(square: Box): Promise<GreyPixels>;
}

/** 4K video. A larger image is scaled down to this when it is decoded: its faces still have more pixels than the network takes. */
const MOST_PIXELS = 3840 * 2160;

/** Pixels of the images that are decoded and wait for their faces to be found; nine of 1280 x 720 keep any processor busy. */
const frameBudget = createBudget(MOST_PIXELS);

/**
 * Decodes an image once and lends it to `work`; all that are lent at a time have a fixed amount of memory. Limits
 * and formats are those of {@link checkImage}. `work` must not ask for another image of this process: it could wait for
 * memory that it holds itself.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function withFrame<T>(bytes: Uint8Array, limits: ImageLimits, work: (frame: Frame) => Promise<T>): Promise<T> {
  const { width, height, format, open, within } = await checkImage(bytes, limits);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return frameBudget(size.width * size.height, async () => {
    const pixels = await within(() => toRgb(open().flatten({ background: MID_GREY }), size));

    function cut(area: Box): Sharp {
      const { x, y, width: columns, height: rows } = clipBox(scaleBox(area, size.width / width), size);
      return sharp(pixels, { raw: { ...size, channels: 3 } }).extract({ left: x, top: y, width: columns, height: rows });
    }

    return work({
      width,
      height,
      format,
      async toPicture(area, wanted) {
        return { ...wanted, pixels: await toRgb(cut(area), wanted) };
      },
      async toSquarePicture(square, side) {
        const margins = toMargins(square, { width, height }, side);
        const inside = { width: side - margins.left - margins.right, height: side - margins.top - margins.bottom };
        return { width: side, height: side, pixels: await toRgb(cut(square), inside, margins) };
      },
      toGreyPixels: (square) => transform(cut(moveInside(square, { width, height }))),
    });
  });
}

interface Margins {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const NO_MARGINS: Margins = { left: 0, top: 0, right: 0, bottom: 0 };

/** Scaled to a size, and then enlarged by margins in which the edge is repeated. */
async function toRgb(image: Sharp, { width, height }: Size, margins = NO_MARGINS): Promise<Buffer> {
  const { data, info } = await image
    .resize(width, height, { fit: 'fill' })
    .extend({ ...margins, extendWith: 'copy' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(refuseDamaged);
  if (info.channels === 3) return data;
  throw new Error(`decoding made ${info.channels} channels instead of three`);
}

/** How much of a square lies outside the image at each edge, when it is so many pixels a side; at least one of them stays inside. */
function toMargins({ x, y, width }: Box, image: Size, side: number): Margins {
  const toPixels = (length: number, most: number): number => Math.min(Math.max(Math.round((length / width) * side), 0), most);
  const left = toPixels(-x, side - 1);
  const top = toPixels(-y, side - 1);
  return { left, top, right: toPixels(x + width - image.width, side - 1 - left), bottom: toPixels(y + width - image.height, side - 1 - top) };
}

function moveInside({ x, y, width, height }: Box, image: Size): Box {
  const side = Math.min(width, height, image.width, image.height);
  const left = x + (width - side) / 2;
  const top = y + (height - side) / 2;
  return {
    x: Math.min(Math.max(left, 0), image.width - side),
    y: Math.min(Math.max(top, 0), image.height - side),
    width: side,
    height: side,
  };
}
