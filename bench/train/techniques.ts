/**
 * Measures what each technique of the training brings: trains without it, with all else as it is, and asks about faces that the
 * training never saw.
 *
 *     node bench/train/techniques.ts --images <folder> --test <folder> [--seeds 1,2,3] [--only "mixup,dropout+averaging of weights"] [--at-once 2]
 *     node bench/train/techniques.ts --images <folder> --test-ratio 0.2 …
 *
 * Names with a plus between them are left out together.
 *
 * The program has no switches for this. Each technique is taken out of a copy of it, by the edits below, and `accuracy.ts`, whose
 * arguments and figures these are, runs there. An edit that fits nowhere, or in two places, is an error. A row is printed when it is known.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const edit = (file: string, from: string, to: string): Edit => ({ file, from, to });
const setting = (from: string, to: string): Edit => edit('domain/training.ts', from, to);
const augmentation = (from: string, to: string): Edit => edit('adapters/tensorflow/augmentation.ts', from, to);

/** What is left out, and how. The first is what all others are compared with. */
const TECHNIQUES: Readonly<Record<string, readonly Edit[]>> = {
  nothing: [],
  'local contrast': [
    edit('adapters/tensorflow/training-graph.ts', 'let x = addLocalContrast(graph, standardised, size);', 'let x = standardised;'),
    edit('adapters/tensorflow/input.ts', '  const averaging = tf', '  return images;\n  const averaging = tf'),
    edit('adapters/tensorflow/onnx-export.ts', '  addLocalContrast();\n', ''),
  ],
  'mirrored look': [edit('adapters/tensorflow/views.ts', "['as-it-is', 'mirrored']", "['as-it-is']")],
  'all changes to images': [edit('adapters/tensorflow/prepare-batch.ts', 'augment(pixels.subarray(start, end), augmented.subarray(start, end), random);', 'augmented.set(pixels.subarray(start, end), start);')],
  'mirroring, turning, moving, scaling, slanting': [
    augmentation('flipProbability: 0.5', 'flipProbability: 0'),
    augmentation('rotationDegrees: 12', 'rotationDegrees: 0'),
    augmentation('shiftPixels: 4', 'shiftPixels: 0'),
    augmentation('logScale: 0.12', 'logScale: 0'),
    augmentation('logAspect: 0.06', 'logAspect: 0'),
    augmentation('shear: 0.1', 'shear: 0'),
  ],
  'contrast and brightness': [augmentation('contrast: 0.3', 'contrast: 0'), augmentation('brightness: 30', 'brightness: 0')],
  'erased square': [augmentation('erasedSide: 16', 'erasedSide: 0')],
  'faults of a poor camera': [augmentation('faultProbability: 0.15', 'faultProbability: 0')],
  mixup: [edit('adapters/tensorflow/schedule.ts', 'MIXED_SHARE = 2 / 3', 'MIXED_SHARE = 0')],
  'an end without mixup': [edit('adapters/tensorflow/schedule.ts', 'MIXED_SHARE = 2 / 3', 'MIXED_SHARE = 1')],
  'label smoothing': [setting('max(0.5).default(0.1)', 'max(0.5).default(0)')],
  'weight decay': [setting('nonnegative().default(1e-4)', 'nonnegative().default(0)')],
  dropout: [edit('adapters/tensorflow/network.ts', 'DROPOUT = 0.3', 'DROPOUT = 0')],
  'averaging of weights': [edit('adapters/tensorflow/optimiser.ts', 'AVERAGE_MEMORY = 0.995', 'AVERAGE_MEMORY = 0')],
  'latest of the best epochs': [edit('adapters/tensorflow/early-stopping.ts', 'isLowest || mean <= state.lowestLoss + state.lowestLossError', 'isLowest')],
};

function toEdits(name: string): readonly Edit[] {
  const edits = TECHNIQUES[name];
  if (edits === undefined) throw new Error(`there is no "${name}"; there are: ${Object.keys(TECHNIQUES).join(', ')}`);
  return edits;
}

interface Summary {
  readonly accuracies: readonly number[];
  readonly meanAccuracy: number;
  readonly standardDeviation: number | null;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    images: { type: 'string' },
    test: { type: 'string' },
    'test-ratio': { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
    epochs: { type: 'string' },
    'at-once': { type: 'string', default: '1' },
  },
});
const { images, test, 'test-ratio': testRatio } = values;
if (images === undefined || (test === undefined) === (testRatio === undefined)) throw new Error('say which images to train on, and which to ask about: --images <folder>, and --test <folder> or --test-ratio 0.2');
const wanted = values.only?.split(',') ?? Object.keys(TECHNIQUES);
const editsOf = new Map(wanted.map((names) => [names, names.split('+').flatMap(toEdits)]));
const tested = test === undefined ? ['--test-ratio', testRatio!] : ['--test', resolve(test)];
const args = ['--images', resolve(images), ...tested, '--seeds', values.seeds, ...(values.epochs === undefined ? [] : ['--epochs', values.epochs])];

console.log('| left out | accuracy | seeds | deviation |\n|---|--:|---|--:|');
const waiting = [...wanted];
await Promise.all(Array.from({ length: Number(values['at-once']) }, async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { meanAccuracy, accuracies, standardDeviation } = await measureWithout(editsOf.get(name)!);
    console.log(`| ${[name, meanAccuracy.toFixed(3), accuracies.map((each) => each.toFixed(3)).join(', '), standardDeviation?.toFixed(3) ?? ''].join(' | ')} |`);
  }
}));

async function measureWithout(edits: readonly Edit[]): Promise<Summary> {
  const copy = mkdtempSync(join(tmpdir(), 'barometer-without-'));
  try {
    cpSync(root, copy, { recursive: true, filter: (path) => !['.git', 'node_modules'].includes(relative(root, path)) });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const each of edits) apply(copy, each);
    const program = join(copy, 'bench', 'train', 'accuracy.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], { maxBuffer: 1e8 });
    // After those of each seed.
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{\n'))) as Summary;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function apply(copy: string, { file, from, to }: Edit): void {
  const path = join(copy, file);
  const [before, after, ...more] = readFileSync(path, 'utf8').split(from);
  if (after === undefined || more.length > 0) throw new Error(`${file} has "${from}" ${more.length === 0 ? 'nowhere' : 'more than once'}`);
  writeFileSync(path, before! + to + after);
}
