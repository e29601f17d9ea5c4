import type { Random } from '../../domain/random.ts';
import { HIDDEN_LAYERS, OUTPUT_NAME, OUTPUTS, toLayerShapes } from './network.ts';

/** Where one array of numbers lies in a vector that holds them all. */
export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/**
 * A network's numbers as two flat vectors, which is what optimisers, averages and checkpoints want:
 * `trainable` laid out by {@link TRAINABLE_SLOTS}, `statistics` by {@link STATISTICS_SLOTS}.
 */
export interface NetworkWeights {
  readonly trainable: Float32Array;
  readonly statistics: Float32Array;
}

/** For each hidden layer its kernel, scale and offset; at the end the kernel and the bias of the output layer. */
export const TRAINABLE_SLOTS: readonly Slot[] = toSlots([
  ...toLayerShapes().flatMap(({ layer: { name, filters, kernelSide }, inputChannels }): Named[] => [
    [`${name}/kernel`, [kernelSide, kernelSide, inputChannels, filters]],
    [`${name}/scale`, [filters]],
    [`${name}/offset`, [filters]],
  ]),
  [`${OUTPUT_NAME}/kernel`, [HIDDEN_LAYERS.at(-1)!.filters, OUTPUTS]],
  [`${OUTPUT_NAME}/bias`, [OUTPUTS]],
]);

/** For each hidden layer the running mean and variance that normalise when the network is used. */
export const STATISTICS_SLOTS: readonly Slot[] = toSlots(
  HIDDEN_LAYERS.flatMap(({ name, filters }): Named[] => [
    [`${name}/mean`, [filters]],
    [`${name}/variance`, [filters]],
  ]),
);

export const TRAINABLE_SIZE = toSize(TRAINABLE_SLOTS);
export const STATISTICS_SIZE = toSize(STATISTICS_SLOTS);

/** How many numbers the network consists of. */
export const PARAMETERS = TRAINABLE_SIZE + STATISTICS_SIZE;

/** Fresh weights: kernels from a normal distribution of variance 2 / inputs (He 2015, made for ReLU), scales one, rest zero. */
export function createWeights(random: Random): NetworkWeights {
  const trainable = new Float32Array(TRAINABLE_SIZE);
  for (const slot of TRAINABLE_SLOTS) {
    const values = toView(trainable, slot);
    if (slot.name.endsWith('/scale')) values.fill(1);
    if (!isKernel(slot)) continue;
    const deviation = Math.sqrt(2 / (slot.size / slot.shape.at(-1)!));
    for (let index = 0; index < values.length; index += 1) values[index] = random.normal() * deviation;
  }
  const statistics = new Float32Array(STATISTICS_SIZE);
  for (const slot of STATISTICS_SLOTS) if (slot.name.endsWith('/variance')) toView(statistics, slot).fill(1);
  return { trainable, statistics };
}

export function copyWeights({ trainable, statistics }: NetworkWeights): NetworkWeights {
  return { trainable: trainable.slice(), statistics: statistics.slice() };
}

/** The numbers of one slot, in place. */
export function toView(vector: Float32Array, { offset, size }: Slot): Float32Array {
  return vector.subarray(offset, offset + size);
}

/** The numbers of the slot of that name, in place. */
export function findView({ trainable, statistics }: NetworkWeights, name: string): Float32Array {
  const slot = TRAINABLE_SLOTS.find((candidate) => candidate.name === name);
  if (slot !== undefined) return toView(trainable, slot);
  const statistic = STATISTICS_SLOTS.find((candidate) => candidate.name === name);
  if (statistic === undefined) throw new RangeError(`the network has no weights named ${name}`);
  return toView(statistics, statistic);
}

export function isKernel({ name }: Slot): boolean {
  return name.endsWith('/kernel');
}

type Named = readonly [name: string, shape: readonly number[]];

function toSlots(arrays: readonly Named[]): Slot[] {
  let offset = 0;
  return arrays.map(([name, shape]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    offset += size;
    return { name, shape, size, offset: offset - size };
  });
}

function toSize(slots: readonly Slot[]): number {
  return slots.reduce((total, { size }) => total + size, 0);
}
