import { Command } from 'commander';
import { createCrossValidationStore } from '../../adapters/blob-storage/cross-validation-store.ts';
import type { DatasetStore } from '../../adapters/blob-storage/dataset-store.ts';
import { renderCaptionedSheet } from '../../adapters/vision/captioned-sheet.ts';
import { loadConfig } from '../../config/config.ts';
import type { SampleReference } from '../../domain/dataset.ts';
import { toNamesByDigest } from '../../domain/dataset.ts';
import type { LabelledAnswer } from '../../domain/mistakes.ts';
import { toDistinct } from '../../domain/split.ts';
import type { Suspect } from '../../domain/suspects.ts';
import { toSuspects } from '../../domain/suspects.ts';
import type { EpochMetrics, Hyperparameters } from '../../domain/training.ts';
import { hyperparametersSchema } from '../../domain/training.ts';
import { toPercent } from '../../domain/wording.ts';
import { createEndSignal } from '../end-signal.ts';
import { findDataset } from '../find-dataset.ts';
import { openStores } from '../open-stores.ts';
import { toJson } from '../output/format.ts';
import { toTable } from '../output/table.ts';
import type { CrossValidationRequest } from '../suspects/cross-validate.ts';
import { wholeNumber } from '../whole-number.ts';
import { writeNamedFile } from '../write-file.ts';

interface SuspectsOptions {
  readonly folds: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly most: number;
  readonly out?: string;
  readonly sheet?: string;
  readonly cache: boolean;
  readonly json?: true;
}

const MOST_FOLDS = 20;
const MOST_SHOWN = 400;

/**
 * Enough for a network to tell what is plain, and too few to learn by heart what is not: some hundred steps of the optimiser, of small batches
 * where there are few images.
 */
const STEPS = 600;
const FEW_IMAGES = 2_000;
const SMALL_BATCH = 16;
const LARGE_BATCH = 64;
const LEAST_EPOCHS = 10;
const MOST_EPOCHS = 60;

export function createSuspectsCommand(): Command {
  return new Command('suspects')
    .summary('images that are probably labelled wrongly, found by cross-validation')
    .description('Trains networks on parts of a data set and asks each about the part that it never saw; lists the images that they take for something else with good reason, the most likely first. Takes minutes, on this machine; what was stopped goes on where it was.')
    .argument('[version]', 'a version, or "latest"', 'latest')
    .option('--folds <n>', 'into how many parts', wholeNumber(2, MOST_FOLDS), 3)
    .option('--epochs <n>', `train for so many epochs (default: some ${STEPS} steps, ${LEAST_EPOCHS} to ${MOST_EPOCHS} epochs)`, wholeNumber(1))
    .option('--seed <n>', 'what everything random derives from', wholeNumber(0), 1)
    .option('--most <n>', 'how many to print and to draw', wholeNumber(1, MOST_SHOWN), 48)
    .option('--out <file>', 'write the names of all of them, one a line, for `barometer run --exclude`')
    .option('--sheet <file>', 'draw them on this PNG, each with its label and what it probably shows')
    .option('--no-cache', 'train anew, also what was trained before')
    .option('--json', 'print JSON')
    .action(listSuspects);
}

async function listSuspects(version: string, options: SuspectsOptions): Promise<void> {
  const { folds, most, out, sheet, cache, json } = options;
  const { datasets, blobs } = openStores(loadConfig());
  const signal = createEndSignal();
  const dataset = await findDataset(datasets, version);
  const { references } = toDistinct(dataset.shards);
  const hyperparameters = toHyperparameters(Math.round((references.length * (folds - 1)) / folds), options);
  const answers = await crossValidateParts({ references, folds, hyperparameters, datasets, answers: createCrossValidationStore(blobs), useCache: cache, onProgress: reportTo(folds), signal });
  const suspects = toSuspects(answers);
  const shown = suspects.slice(0, most);
  const names = toNamesByDigest(dataset);
  const namesOf = ({ digest }: Suspect) => names.get(digest) ?? [];

  if (out !== undefined) await writeNamedFile(out, toList(suspects, namesOf));
  if (sheet !== undefined) {
    const pixels = await readPixels(datasets, references, shown, signal);
    const images = shown.map((suspect) => ({ pixels: pixels.get(suspect.digest)!, lines: [`${suspect.label}, or ${suspect.likelier}?`, namesOf(suspect)[0] ?? ''] }));
    await writeNamedFile(sheet, await renderCaptionedSheet(images, `${dataset.version}: ${suspects.length} of ${answers.length} images are probably labelled wrongly`));
  }
  if (json) {
    console.log(toJson({ dataset: dataset.version, images: answers.length, folds, hyperparameters, suspects: suspects.map((suspect) => ({ names: namesOf(suspect), ...suspect })) }));
    return;
  }
  console.log(`${suspects.length} of ${answers.length} images of ${dataset.version} are probably labelled wrongly${shown.length < suspects.length ? `; the ${shown.length} most likely` : ''}:\n`);
  console.log(toTable(['label', 'rather', 'confidence', 'of the label', 'image'], shown.map((suspect) => [suspect.label, suspect.likelier, toPercent(suspect.confidence), toPercent(suspect.labelConfidence), namesOf(suspect).join(', ')])));
  if (out !== undefined) console.log(`\nAll of them are in ${out}. Look at them, delete the lines that are wrong, and leave the rest out: barometer run --exclude ${out}`);
}

/** Loads TensorFlow only for this command. */
async function crossValidateParts(request: CrossValidationRequest): Promise<LabelledAnswer[]> {
  const { crossValidate } = await import('../suspects/cross-validate.ts');
  return crossValidate(request);
}

function toHyperparameters(images: number, { epochs, seed }: Pick<SuspectsOptions, 'epochs' | 'seed'>): Hyperparameters {
  const batchSize = images < FEW_IMAGES ? SMALL_BATCH : LARGE_BATCH;
  const enough = Math.ceil((STEPS * batchSize) / Math.max(1, images));
  return hyperparametersSchema.parse({ epochs: epochs ?? Math.min(MOST_EPOCHS, Math.max(LEAST_EPOCHS, enough)), seed, batchSize });
}

function reportTo(folds: number): (fold: number, metrics: EpochMetrics | null) => void {
  return (fold, metrics) => {
    const what = metrics === null ? 'answered before' : `epoch ${metrics.epoch} of ${metrics.epochs}, validation ${toPercent(metrics.validationAccuracy)}`;
    console.error(`part ${fold} of ${folds}: ${what}`);
  };
}

function toList(suspects: readonly Suspect[], namesOf: (suspect: Suspect) => readonly string[]): string {
  const lines = suspects.flatMap((suspect) => namesOf(suspect).map((name) => `${name}\trather ${suspect.likelier}, ${toPercent(suspect.confidence)}`));
  return ['# Probably labelled wrongly, the most likely first.', ...lines, ''].join('\n');
}

async function readPixels(datasets: DatasetStore, references: readonly SampleReference[], suspects: readonly Suspect[], signal: AbortSignal) {
  const wanted = new Set(suspects.map(({ digest }) => digest));
  const read = await Array.fromAsync(datasets.readSamples(references.filter(({ digest }) => wanted.has(digest)), signal));
  return new Map(read.map((sample) => [sample.digest, sample.pixels]));
}
