import { z } from 'zod';
import { epochMetricsSchema } from '../../domain/training.ts';
import type { EpochMetrics } from '../../domain/training.ts';
import type { StoppingState } from './early-stopping.ts';
import type { TrainingState } from './optimiser.ts';
import type { NetworkWeights } from './weights.ts';
import { STATISTICS_SIZE, TRAINABLE_SIZE } from './weights.ts';

/** Where training keeps its checkpoints; each save replaces the one before. */
export interface CheckpointStore {
  /** One is written after an epoch, and at least this long after the one before: it has some 11 MB, which short epochs are not worth. */
  readonly intervalMs: number;
  save(bytes: Uint8Array): Promise<void>;
  /** Null when there is none. */
  load(): Promise<Uint8Array | null>;
}

/** Everything that training needs to go on after an epoch as if it had never stopped. */
export interface Checkpoint {
  readonly history: readonly EpochMetrics[];
  readonly stopping: StoppingState;
  readonly state: TrainingState;
  /** The weights of the best epoch so far. */
  readonly best: NetworkWeights;
}

const headerSchema = z.object({
  fingerprint: z.string(),
  step: z.int(),
  history: z.array(epochMetricsSchema),
  stopping: z.object({
    bestEpoch: z.int(),
    lowestLoss: z.number(),
    lowestLossError: z.number(),
    clearEpoch: z.int(),
    clearLoss: z.number(),
  }),
});

const MAGIC = 0x424d4350; // "PCMB" in the file
const PREFIX_BYTES = 8;

/**
 * A checkpoint as bytes: a magic number, the length of a JSON header, the header padded to four bytes, then the vectors.
 *
 * @param fingerprint of all that must be equal for training to go on from here: hyperparameters, network, data
 */
export function serialiseCheckpoint({ history, stopping, state, best }: Checkpoint, fingerprint: string): Uint8Array {
  const json = JSON.stringify({ fingerprint, step: state.step, history: [...history], stopping } satisfies z.input<typeof headerSchema>);
  const header = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / 4) * 4));
  const prefix = new Uint32Array([MAGIC, header.byteLength]);
  const vectors = toVectors(state, best).map((vector) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength));
  return Buffer.concat([Buffer.from(prefix.buffer), header, ...vectors]);
}

/** Null when the bytes are not a checkpoint of this very training: cut short, or of another network, data set or code. */
export function restoreCheckpoint(bytes: Uint8Array, fingerprint: string): Checkpoint | null {
  if (bytes.byteLength < PREFIX_BYTES) return null;
  // A copy, because Float32Array needs its bytes aligned.
  const { buffer } = Uint8Array.from(bytes);
  const [magic, headerBytes] = new Uint32Array(buffer, 0, 2);
  if (magic !== MAGIC) return null;
  const vectorBytes = Float32Array.BYTES_PER_ELEMENT * (5 * TRAINABLE_SIZE + 3 * STATISTICS_SIZE);
  if (bytes.byteLength !== PREFIX_BYTES + headerBytes! + vectorBytes) return null;
  const header = findHeader(Buffer.from(buffer, PREFIX_BYTES, headerBytes).toString());
  if (header?.fingerprint !== fingerprint) return null;

  let offset = PREFIX_BYTES + headerBytes!;
  const take = (length: number): Float32Array => {
    const vector = new Float32Array(buffer.slice(offset, offset + length * Float32Array.BYTES_PER_ELEMENT));
    offset += vector.byteLength;
    return vector;
  };
  const takeWeights = (): NetworkWeights => ({ trainable: take(TRAINABLE_SIZE), statistics: take(STATISTICS_SIZE) });
  const [weights, average, best] = [takeWeights(), takeWeights(), takeWeights()];
  const state = { step: header.step, weights, average, gradient: take(TRAINABLE_SIZE), squaredGradient: take(TRAINABLE_SIZE) };
  return { history: header.history, stopping: header.stopping, state, best };
}

function findHeader(text: string): z.output<typeof headerSchema> | null {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function toVectors({ weights, average, gradient, squaredGradient }: TrainingState, best: NetworkWeights): Float32Array[] {
  return [
    ...[weights, average, best].flatMap(({ trainable, statistics }) => [trainable, statistics]),
    gradient,
    squaredGradient,
  ];
}
