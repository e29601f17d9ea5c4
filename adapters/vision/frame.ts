import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Box, RgbPicture, Size } from '../../domain/face.ts';
import { clipBox, scaleBox } from '../../domain/face.ts';
import type { GreyPixels, ImageLimits } from '../../domain/image-transform.ts';
import type { ImageFormat } from './decode.ts';
import { checkImage, MID_GREY, refuseDamaged, transform } from './decode.ts';

/** A decoded image to cut pieces out of. All boxes are in its own pixels, as a person sees it. */
export interface Frame extends Size {
  readonly format: ImageFormat;
  /** A part of the image, scaled to a size. */
  toPicture(area: Box, size: Size): Promise<RgbPicture>;
  /** A part of the image as the network's input. A square that reaches over an edge is moved inside, and shrunk where it is too large. */
  toGreyPixels(square: Box): Promise<GreyPixels>;
}

/** 4K video. A larger image is scaled down to this when it is decoded: its faces still have more pixels than the network takes. */
const MOST_PIXELS = 3840 * 2160;

/**
 * Decodes an image once and lends it to `work`; its memory is part of what all images may take until that is done. Limits
 * and formats are those of {@link checkImage}. `work` must not ask for another image of this process: it could wait for
 * memory that it holds itself.
 *
 * @throws Failure `image-too-large`, `image-unsupported`, `image-unreadable`
 */
export async function withFrame<T>(bytes: Uint8Array, limits: ImageLimits, work: (frame: Frame) => Promise<T>): Promise<T> {
  const { width, height, format, open, within } = await checkImage(bytes, limits);
  return within(async () => {
    const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    const pixels = await toRgb(open().flatten({ background: MID_GREY }), size);

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
      toGreyPixels: (square) => transform(cut(moveInside(square, { width, height }))),
    });
  });
}

async function toRgb(image: Sharp, { width, height }: Size): Promise<Buffer> {
  const { data, info } = await image
    .resize(width, height, { fit: 'fill' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(refuseDamaged);
  if (info.channels === 3) return data;
  throw new Error(`decoding made ${info.channels} channels instead of three`);
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
