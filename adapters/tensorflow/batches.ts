import { EMOTIONS } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import { IMAGE_PIXELS } from '../../domain/image-transform.ts';
import type { Random } from '../../domain/random.ts';
import { toPermutation } from '../../domain/random.ts';
import type { SampleSource } from './samples.ts';

/** Pixels held in memory at most: 29,127 images. A larger set is read anew in every epoch, and memory stays at this. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

export interface Batch {
  /** Image after image, 2304 bytes each. */
  readonly pixels: Uint8Array;
  /** One index into EMOTIONS for each image. */
  readonly labels: Uint8Array;
}

export interface Batches {
  readonly samples: number;
  /** How many batches {@link Batches.shuffled} gives. */
  readonly count: number;
  /** Every image once, in the source's order. The last batch may be smaller. */
  inOrder(signal: AbortSignal): AsyncGenerator<Batch>;
  /**
   * Full batches in random order; images that don't fill one sit out this time (normalisation by the statistics of a few
   * images does harm). A set smaller than a batch is one batch.
   */
  shuffled(random: Random, signal: AbortSignal): AsyncGenerator<Batch>;
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly maxHeldBytes?: number;
}

/** Cuts a source into batches. Images are copied into the batch: whoever gets it may write into it. */
export function createBatches(source: SampleSource, { batchSize, maxHeldBytes = MAX_HELD_BYTES }: BatchOptions): Batches {
  const samples = EMOTIONS.reduce((total, label) => total + source.counts[label], 0);
  const capacity = Math.max(batchSize, Math.floor(maxHeldBytes / IMAGE_PIXELS));
  const size = Math.min(batchSize, samples);
  const count = size === 0 ? 0 : Math.floor(samples / size);
  let held: Promise<Rows> | undefined;

  /** All rows, read once; null when they are too many to hold. */
  async function hold(signal: AbortSignal): Promise<Rows | null> {
    if (samples > capacity) return null;
    held ??= readAll(signal);
    return held.catch((error: unknown) => {
      held = undefined;
      throw error;
    });
  }

  async function readAll(signal: AbortSignal): Promise<Rows> {
    const rows = createRows(samples);
    let index = 0;
    for await (const row of read(signal)) rows.write(index++, row);
    return rows;
  }

  async function* read(signal: AbortSignal): AsyncGenerator<Row> {
    let index = 0;
    for await (const { label, pixels } of source.read(signal)) {
      signal.throwIfAborted();
      if (index >= samples) throw new Failure('data-corrupt', `The training data gave more than the ${samples} images that its manifest lists.`);
      yield { label: EMOTIONS.indexOf(label), pixels };
      index += 1;
    }
    if (index < samples) throw new Failure('data-corrupt', `The training data gave ${index} images; its manifest lists ${samples}.`);
  }

  /** Keeps a window full and lets a random row of it go for each one that comes. */
  async function* readShuffled(random: Random, signal: AbortSignal): AsyncGenerator<Row> {
    const rows = createRows(capacity);
    let filled = 0;
    for await (const row of read(signal)) {
      if (filled < capacity) {
        rows.write(filled++, row);
        continue;
      }
      const place = random.integer(capacity);
      yield rows.at(place);
      rows.write(place, row);
    }
    for (const place of toPermutation(filled, random)) yield rows.at(place);
  }

  return {
    samples,
    count,
    async *inOrder(signal) {
      const rows = await hold(signal);
      yield* toBatches(rows === null ? read(signal) : rows.pick(Array(samples).keys()), size);
    },
    async *shuffled(random, signal) {
      const rows = await hold(signal);
      const order = rows === null ? readShuffled(random, signal) : rows.pick(toPermutation(samples, random));
      let given = 0;
      for await (const batch of toBatches(order, size)) {
        if (given === count) return;
        given += 1;
        yield batch;
      }
    },
  };
}

interface Row {
  readonly label: number;
  readonly pixels: Uint8Array;
}

interface Rows {
  write(index: number, row: Row): void;
  /** A view: it changes when the row is written again. */
  at(index: number): Row;
  pick(order: Iterable<number>): Iterable<Row>;
}

function createRows(capacity: number): Rows {
  const pixels = new Uint8Array(capacity * IMAGE_PIXELS);
  const labels = new Uint8Array(capacity);
  const at = (index: number): Row => ({
    label: labels[index]!,
    pixels: pixels.subarray(index * IMAGE_PIXELS, (index + 1) * IMAGE_PIXELS),
  });
  return {
    write(index, row) {
      if (row.pixels.length !== IMAGE_PIXELS) {
        throw new Failure('data-corrupt', `A training image has ${row.pixels.length} pixels, not ${IMAGE_PIXELS}.`);
      }
      pixels.set(row.pixels, index * IMAGE_PIXELS);
      labels[index] = row.label;
    },
    at,
    *pick(order) {
      for (const index of order) yield at(index);
    },
  };
}

async function* toBatches(rows: Iterable<Row> | AsyncIterable<Row>, size: number): AsyncGenerator<Batch> {
  let pixels = new Uint8Array(size * IMAGE_PIXELS);
  let labels = new Uint8Array(size);
  let filled = 0;
  for await (const row of rows) {
    pixels.set(row.pixels, filled * IMAGE_PIXELS);
    labels[filled] = row.label;
    filled += 1;
    if (filled < size) continue;
    yield { pixels, labels };
    pixels = new Uint8Array(size * IMAGE_PIXELS);
    labels = new Uint8Array(size);
    filled = 0;
  }
  if (filled > 0) yield { pixels: pixels.slice(0, filled * IMAGE_PIXELS), labels: labels.slice(0, filled) };
}
