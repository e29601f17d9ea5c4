import type { ImageLimits } from '../domain/image-transform.ts';
import type { Given } from './setting.ts';
import { amount } from './setting.ts';

/** What an image may measure, wherever one is taken in: by the API, the import and the pipeline. */
export const imageLimitSettings = {
  BAROMETER_MAX_IMAGE_MB: amount(10),
  /** Width times height. */
  BAROMETER_MAX_IMAGE_MEGAPIXELS: amount(50),
};

const BYTES_PER_MB = 1024 * 1024;

export function toImageLimits(given: Given<typeof imageLimitSettings>): ImageLimits {
  return {
    maxBytes: Math.round(given.BAROMETER_MAX_IMAGE_MB * BYTES_PER_MB),
    maxPixels: Math.round(given.BAROMETER_MAX_IMAGE_MEGAPIXELS * 1_000_000),
  };
}
