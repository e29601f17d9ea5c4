import { EMOTIONS } from '../../domain/emotion.ts';
import { IMAGE_SIDE } from '../../domain/image-transform.ts';

/**
 * The network, whole: 48x48 grey pixels in, six hidden layers, one probability per emotion out.
 *
 * A hidden layer is a trained linear map, here always a convolution, whose result passes through ReLU. What stands between
 * the two belongs to the layer: max pooling and batch normalisation. What is done to the pixels first (input.ts), averaging over the
 * picture and dropout learn nothing and are no layers of their own; the last map, to the four labels, is the output layer.
 *
 * In use, each image passes the hidden layers twice, as it is and mirrored (views.ts), and the votes are averaged before the
 * output layer.
 *
 * Inside a layer the order is: map, pool, normalise, ReLU. Pooling comes before the other two because the maximum of a
 * window passes through ReLU unchanged, and through normalisation too but for its sign; they then have a quarter of the
 * work.
 */
export interface HiddenLayer {
  readonly name: string;
  /** Each sees all channels of a square window, zero padded ("same"), without a bias: normalisation has one. */
  readonly filters: number;
  readonly kernelSide: number;
  /** Whether the maximum of each 2x2 window is kept, which halves the sides. */
  readonly isPooled: boolean;
  readonly reason: string;
}

export const HIDDEN_LAYERS: readonly HiddenLayer[] = [
  {
    name: 'edges',
    filters: 16,
    kernelSide: 3,
    isPooled: true,
    reason: 'Edges and their directions. Few filters: grey 3x3 patches hold little more, and this is the largest picture.',
  },
  {
    name: 'strokes',
    filters: 32,
    kernelSide: 3,
    isPooled: true,
    reason: 'Lines that bend and meet: lips, lids, brows, folds. Sees 8x8 pixels.',
  },
  {
    name: 'corners',
    filters: 64,
    kernelSide: 3,
    isPooled: false,
    reason: 'Which way a mouth corner or a brow points. Not pooled: at 12x12 places every one still counts.',
  },
  {
    name: 'features',
    filters: 128,
    kernelSide: 3,
    isPooled: true,
    reason: 'A mouth, an eye with its brow. Pooled, for where exactly they lie varies with the pose.',
  },
  {
    name: 'regions',
    filters: 160,
    kernelSide: 3,
    isPooled: false,
    reason: 'Half a face: bared teeth below a wrinkled nose, wide eyes below raised brows.',
  },
  {
    name: 'expressions',
    filters: 192,
    kernelSide: 3,
    isPooled: false,
    reason: 'Sees the whole face from each of 6x6 places and votes; the votes are averaged, so that no place can be learned by heart.',
  },
];

/** Share of the averaged votes dropped while training, so that no label hangs on a single filter. */
export const DROPOUT = 0.3;

/** Added to a variance before its root is taken. */
export const NORMALISATION_EPSILON = 1e-3;

export const OUTPUT_NAME = 'emotions';
export const OUTPUTS = EMOTIONS.length;

/** What a layer gets and gives. */
export interface LayerShape {
  readonly layer: HiddenLayer;
  readonly inputSide: number;
  readonly inputChannels: number;
  readonly outputSide: number;
}

/** Walks through the hidden layers and works out their shapes. */
export function toLayerShapes(): LayerShape[] {
  let inputSide: number = IMAGE_SIDE;
  let inputChannels = 1;
  return HIDDEN_LAYERS.map((layer) => {
    const outputSide = layer.isPooled ? inputSide / 2 : inputSide;
    const shape = { layer, inputSide, inputChannels, outputSide };
    inputSide = outputSide;
    inputChannels = layer.filters;
    return shape;
  });
}
