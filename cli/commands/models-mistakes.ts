import { Command } from 'commander';
import type { DatasetStore } from '../../adapters/blob-storage/dataset-store.ts';
import { loadClassifier } from '../../adapters/onnx/classifier.ts';
import { renderCaptionedSheet } from '../../adapters/vision/captioned-sheet.ts';
import { loadConfig } from '../../config/config.ts';
import type { SampleReference } from '../../domain/dataset.ts';
import { toNamesByDigest } from '../../domain/dataset.ts';
import type { GreyPixels } from '../../domain/image-transform.ts';
import type { LabelledAnswer, Mistake } from '../../domain/mistakes.ts';
import { toMistakes } from '../../domain/mistakes.ts';
import { MODEL_FILES } from '../../domain/names.ts';
import { toPercent } from '../../domain/wording.ts';
import { createEndSignal } from '../end-signal.ts';
import { findVersion } from '../find-version.ts';
import { openStores } from '../open-stores.ts';
import { toJson } from '../output/format.ts';
import { toTable } from '../output/table.ts';
import { wholeNumber } from '../whole-number.ts';
import { writeNamedFile } from '../write-file.ts';

interface MistakesOptions {
  readonly out?: string;
  readonly most: number;
  readonly json?: true;
}

/** A sheet of more is not looked at. */
const MOST_SHOWN = 400;
/** Test images asked about at a time; their pixels need not all be in memory. */
const BATCH = 256;

export function createMistakesCommand(): Command {
  return new Command('mistakes')
    .summary('the most confident wrong answers of a version, to look at')
    .description('Asks a version about its test images again, and shows what it took for something else with most confidence. Look at them: some are wrongly labelled, and others show what images are missing.')
    .argument('<version>', 'a version number, or "latest"')
    .option('--out <file>', 'draw them on this PNG, each with its label, the answer and the confidence')
    .option('--most <n>', 'how many', wholeNumber(1, MOST_SHOWN), 48)
    .option('--json', 'print JSON')
    .action(showMistakes);
}

async function showMistakes(which: string, { out, most, json }: MistakesOptions): Promise<void> {
  const { registry, datasets } = openStores(loadConfig());
  const signal = createEndSignal();
  const version = await findVersion(registry, which);
  const { card, files } = await registry.read(version, [MODEL_FILES.onnx]);
  const { datasetVersion, splitVersion } = card.data;
  const [{ test }, dataset] = await Promise.all([datasets.readSplit(splitVersion), datasets.readDataset(datasetVersion)]);
  const answers = await answerAll(files.get(MODEL_FILES.onnx)!, datasets.readSamples(test, signal));
  const mistakes = toMistakes(answers);
  const shown = mistakes.slice(0, most);
  const names = toNamesByDigest(dataset);
  const namesOf = ({ digest }: Mistake) => names.get(digest) ?? [];
  if (out !== undefined) await drawSheet(out, shown, { title: `Version ${version}: ${mistakes.length} of ${answers.length} test images taken for something else`, test, datasets, namesOf, signal });

  if (json) {
    console.log(toJson({ version, testImages: answers.length, mistakes: mistakes.length, shown: shown.map((mistake) => ({ names: namesOf(mistake), ...mistake })) }));
    return;
  }
  console.log(`Version ${version} took ${mistakes.length} of ${answers.length} test images for something else${shown.length < mistakes.length ? `; the ${shown.length} most confident` : ''}:\n`);
  console.log(toTable(['label', 'answer', 'confidence', 'image'], shown.map((mistake) => [mistake.label, mistake.answer, toPercent(mistake.confidence), namesOf(mistake).join(', ')])));
  if (out !== undefined) console.log(`\nDrawn to ${out}`);
}

async function answerAll(onnx: Uint8Array, samples: ReturnType<DatasetStore['readSamples']>): Promise<LabelledAnswer[]> {
  const classifier = await loadClassifier(onnx, { threads: 2 });
  try {
    const answers: LabelledAnswer[] = [];
    const waiting: { label: LabelledAnswer['label']; digest: string; pixels: GreyPixels }[] = [];
    const flush = async (): Promise<void> => {
      const batch = waiting.splice(0);
      const probabilities = await classifier.classify(batch.map(({ pixels }) => pixels));
      answers.push(...batch.map(({ label, digest }, index) => ({ label, digest, probabilities: probabilities[index]! })));
    };
    for await (const sample of samples) {
      if (waiting.push(sample) === BATCH) await flush();
    }
    await flush();
    return answers;
  } finally {
    await classifier.close();
  }
}

interface Drawing {
  readonly title: string;
  readonly test: readonly SampleReference[];
  readonly datasets: DatasetStore;
  readonly namesOf: (mistake: Mistake) => readonly string[];
  readonly signal: AbortSignal;
}

async function drawSheet(file: string, mistakes: readonly Mistake[], { title, test, datasets, namesOf, signal }: Drawing): Promise<void> {
  const wanted = new Set(mistakes.map(({ digest }) => digest));
  const read = await Array.fromAsync(datasets.readSamples(test.filter(({ digest }) => wanted.has(digest)), signal));
  const pixels = new Map(read.map((sample) => [sample.digest, sample.pixels]));
  const images = mistakes.map((mistake) => ({
    pixels: pixels.get(mistake.digest)!,
    lines: [`${mistake.label} → ${mistake.answer} ${toPercent(mistake.confidence)}`, namesOf(mistake)[0] ?? ''],
  }));
  await writeNamedFile(file, await renderCaptionedSheet(images, title));
}
