import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { EvaluateDependencies, EvaluateSummary } from '../../activities/evaluate.ts';
import { createEvaluateActivities } from '../../activities/evaluate.ts';
import type { BlobStore } from '../../adapters/blob-storage/blob-store.ts';
import { createRunStore } from '../../adapters/blob-storage/run-store.ts';
import { createStepMemory } from '../../adapters/blob-storage/step-memory.ts';
import type { SplitManifest } from '../../domain/dataset.ts';
import { countByLabel } from '../../domain/dataset.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import type { Emotion } from '../../domain/emotion.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { ImageTransform } from '../../domain/image-transform.ts';
import { IMAGE_TRANSFORM } from '../../domain/image-transform.ts';
import type { ModelCard } from '../../domain/model.ts';
import { modelCardSchema } from '../../domain/model.ts';
import { MODEL_FILES, runKeys } from '../../domain/names.ts';
import { toSplitSide } from '../../domain/split.ts';
import type { TrainingResult } from '../../domain/training.ts';
import { useAzurite } from '../support/azurite.ts';
import { GIT_SHA, toModelCard } from '../support/models.ts';
import { runActivity } from '../support/run-activity.ts';
import { toSplitManifest } from '../support/splits.ts';
import { createShortMemory } from '../support/step-memory.ts';
import { saveTraining } from '../support/stored-training.ts';

const RUN = '20261124T015500Z-1a2b3c4';
const TEST_RATIO = 0.5;
const references = Array.from({ length: 400 }, (_, index) => {
  const digest = createHash('sha256').update(`image ${index}`).digest('hex');
  return { label: EMOTIONS[index % EMOTIONS.length]!, digest, shard: createHash('sha256').update('shard').digest('hex') };
});
const test = references.filter(({ digest }) => toSplitSide(digest, TEST_RATIO) === 'test');
const train = references.filter(({ digest }) => toSplitSide(digest, TEST_RATIO) === 'train');

interface SetUp {
  readonly testImages?: typeof test;
  readonly candidate?: FakeClassifier;
  readonly champion?: { readonly classifier: FakeClassifier; readonly testRatio?: number; readonly transform?: ImageTransform } | null;
  readonly changes?: Partial<TrainingResult>;
  readonly minimumAccuracy?: number;
}

describe('evaluateCandidate', () => {
  function setUp({ testImages = test, candidate = createFakeClassifier(), champion = null, changes = {}, minimumAccuracy = 0.5 }: SetUp = {}) {
    const stored: { card: ModelCard | null; picture: string; reliability: string; cardsWritten: number } = { card: null, picture: '', reliability: '', cardsWritten: 0 };
    const result: TrainingResult = {
      ...toModelCard().training,
      samples: { train: countByLabel(train), validation: toPerEmotion(() => 0) },
      files: [{ name: 'model.onnx', digest: 'd', bytes: 1 }],
      ...changes,
    };
    const split: SplitManifest = {
      runName: RUN,
      gitSha: GIT_SHA,
      createdAt: '2026-11-24T01:55:00.000Z',
      version: result.spec.splitVersion,
      datasetVersion: RUN,
      transform: IMAGE_TRANSFORM,
      testRatio: TEST_RATIO,
      counts: { train: countByLabel(train), test: countByLabel(testImages) },
      copies: 0,
      excluded: 0,
      contradictions: [],
      train,
      test: testImages,
    };
    const dependencies: EvaluateDependencies = {
      runs: {
        findResult: () => Promise.resolve(result),
        findCard: () => Promise.resolve(stored.card),
        saveCard(card, { confusion, reliability }) {
          stored.card = card;
          stored.picture = confusion;
          stored.reliability = reliability;
          stored.cardsWritten += 1;
          return Promise.resolve();
        },
        loadCandidate: () => Promise.resolve(candidate),
      },
      datasets: {
        readSplit(version) {
          assert.equal(version, result.spec.splitVersion);
          return Promise.resolve(split);
        },
        async *readSamples(wanted) {
          for (const { label, digest } of wanted) yield { label, digest, pixels: toPixels(label, digest) };
        },
      },
      findChampion: () => Promise.resolve(champion === null ? null : { version: 3, digest: 'c' }),
      loadChampion: (version) => {
        const { classifier, testRatio = TEST_RATIO, transform = IMAGE_TRANSFORM } = champion!;
        const card = toModelCard();
        return Promise.resolve({ version, card: { ...card, transform, data: { ...card.data, testRatio } }, classifier });
      },
      disturb: (pixels) => Promise.resolve(pixels),
      drawGoldenImages: () => Promise.resolve([{ file: Buffer.from('a drawing'), pixels: toPixels('sad', '00') }]),
      drawConfusion: ({ samples }) => `<svg>${samples}</svg>`,
      drawReliability: ({ bins }) => `<svg>${bins.length} bins</svg>`,
      minimumAccuracy,
      memory: createShortMemory(),
      readCode: () => Promise.resolve('code'),
    };
    return { dependencies, stored, candidate };
  }

  async function evaluate(dependencies: EvaluateDependencies): Promise<{ result: EvaluateSummary; heartbeats: readonly unknown[] }> {
    return runActivity(() => createEvaluateActivities(dependencies).evaluateCandidate({ runName: RUN }));
  }

  it('measures the candidate on every test image and says whether it passes', async () => {
    const { dependencies, stored } = setUp({ candidate: createFakeClassifier({ wrong: (digest) => digest < '2' }) });
    const { result } = await evaluate(dependencies);
    const right = test.filter(({ digest }) => digest >= '2').length;
    assert.equal(result.samples, test.length);
    assert.equal(result.accuracy, right / test.length);
    assert.equal(result.gate.passed, true);
    assert.equal(stored.card!.evaluation.accuracy, result.accuracy);
  });

  it('says how far its confidence can be believed, and how often it names an expression at the threshold of its training', async () => {
    const certainty = { precision: 0.8, uncertainBelow: 0.65, isReached: true, images: 40, named: 30, right: 25 };
    const { dependencies, stored } = setUp({ candidate: createFakeClassifier({ wrong: (digest) => digest < '2' }), changes: { certainty } });
    await evaluate(dependencies);
    const right = test.filter(({ digest }) => digest >= '2').length;
    const { calibrationError, named, bins } = stored.card!.confidence!;
    assert.ok(Math.abs(calibrationError - Math.abs(right / test.length - 0.7)) < 0.06, `${calibrationError}`);
    assert.deepEqual([named.uncertainBelow, named.images, named.right], [0.65, test.length, right]);
    const { robustness } = stored.card!;
    assert.deepEqual([robustness!.images, robustness!.accuracy], [test.length, right / test.length]);
    assert.equal(stored.reliability, `<svg>${bins.length} bins</svg>`);
  });

  it('hands in the images in batches, and every one once', async () => {
    const { dependencies, candidate } = setUp();
    const { heartbeats } = await evaluate(dependencies);
    // As they are, then once more and under 28 disturbances; the last batch is that of the golden images.
    assert.equal(candidate.batches.slice(0, -1).reduce((sum, size) => sum + size, 0), (1 + 1 + 28) * test.length);
    assert.ok(candidate.batches.length > 2 && Math.max(...candidate.batches) <= 64);
    assert.ok(heartbeats.some((each) => isDeepStrictEqual(each, { images: test.length, ofImages: test.length })));
    assert.deepEqual(heartbeats.at(-1), { imagesDisturbed: test.length });
  });

  it('turns away what is below the accuracy asked for, and writes that down', async () => {
    const { dependencies, stored } = setUp({ candidate: createFakeClassifier({ wrong: () => true }) });
    const { result } = await evaluate(dependencies);
    assert.equal(result.gate.passed, false);
    assert.deepEqual(stored.card!.gate, result.gate);
  });

  it('writes a complete card that fits its schema, with the picture of the confusion', async () => {
    const { dependencies, stored } = setUp({ champion: { classifier: createFakeClassifier() } });
    await evaluate(dependencies);
    const card = modelCardSchema.strict().parse(JSON.parse(JSON.stringify(stored.card)));
    assert.deepEqual(card, stored.card);
    assert.equal(card.gitSha, GIT_SHA);
    assert.equal(card.runName, RUN);
    assert.deepEqual(card.labels, [...EMOTIONS]);
    assert.deepEqual(card.transform, IMAGE_TRANSFORM);
    assert.deepEqual(card.data.counts, { train: countByLabel(train), validation: toPerEmotion(() => 0), test: countByLabel(test) });
    assert.equal(card.champion!.version, 3);
    assert.equal('files' in card.training, false);
    assert.equal(stored.picture, `<svg>${test.length}</svg>`);
  });

  it('returns what the card says when it is asked again, without measuring anew', async () => {
    const { dependencies, stored, candidate } = setUp();
    const first = await evaluate(dependencies);
    const batches = candidate.batches.length;
    const second = await evaluate(dependencies);
    assert.deepEqual(second.result, first.result);
    assert.equal(candidate.batches.length, batches);
    assert.equal(stored.cardsWritten, 1);
  });

  it('has nothing to compare with when no model is registered', async () => {
    const { dependencies, stored } = setUp();
    await evaluate(dependencies);
    assert.equal(stored.card!.champion, null);
  });

  it('measures the champion on the same images when it kept as many for testing', async () => {
    const { dependencies, stored } = setUp({ champion: { classifier: createFakeClassifier({ wrong: (digest) => digest < '1' }) } });
    await evaluate(dependencies);
    const { champion, evaluation } = stored.card!;
    assert.equal(champion!.evaluation.samples, test.length);
    assert.ok(champion!.evaluation.accuracy < 1);
    assert.deepEqual(champion!.candidate, evaluation);
  });

  for (const { testRatio, whose } of [{ testRatio: 0.2, whose: 'the champion' }, { testRatio: 0.9, whose: 'the candidate' }]) {
    it(`compares only on images that both have not seen when ${whose} kept fewer for testing`, async () => {
      // Right exactly on what it was trained on: counting those images would flatter it.
      const wrong = (digest: string) => toSplitSide(digest, testRatio) === 'test';
      const { dependencies, stored } = setUp({ champion: { classifier: createFakeClassifier({ wrong }), testRatio } });
      await evaluate(dependencies);
      const unseen = test.filter(({ digest }) => toSplitSide(digest, Math.min(testRatio, TEST_RATIO)) === 'test');
      const { champion, evaluation } = stored.card!;
      assert.equal(champion!.evaluation.samples, unseen.length);
      assert.equal(champion!.candidate.samples, unseen.length);
      assert.equal(champion!.evaluation.accuracy, 0);
      assert.equal(evaluation.samples, test.length);
    });
  }

  it('turns away a candidate that is clearly worse than the champion', async () => {
    const { dependencies } = setUp({ candidate: createFakeClassifier({ wrong: (digest) => digest < '3' }), champion: { classifier: createFakeClassifier() } });
    const { result } = await evaluate(dependencies);
    assert.ok(result.accuracy > 0.5);
    assert.equal(result.gate.passed, false);
    assert.match(result.gate.reason, /version 3/);
  });

  it('does not ask a champion that sees images in another way', async () => {
    const classifier = createFakeClassifier();
    const { dependencies, stored } = setUp({ champion: { classifier, transform: { ...IMAGE_TRANSFORM, version: 99 } } });
    const { result } = await evaluate(dependencies);
    assert.equal(stored.card!.champion, null);
    assert.equal(result.gate.passed, true);
    assert.deepEqual(classifier.batches, []);
    assert.equal(classifier.isClosed(), true);
  });

  it('refuses an export that does not answer as the trained network', async () => {
    const { dependencies, stored } = setUp({ changes: { parity: { images: 10, largestDifference: 2e-4 } } });
    await assert.rejects(evaluate(dependencies), (error) => isFailure(error, 'parity-broken') && error.message.includes('2.0e-4'));
    assert.equal(stored.card, null);
  });

  it('refuses an export whose difference is not even a number', async () => {
    const { dependencies } = setUp({ changes: { parity: { images: 10, largestDifference: Number.NaN } } });
    await assert.rejects(evaluate(dependencies), (error) => isFailure(error, 'parity-broken'));
  });

  it('refuses a run that has not finished its training', async () => {
    const { dependencies } = setUp();
    const without = { ...dependencies, runs: { ...dependencies.runs, findResult: () => Promise.resolve(null) } };
    await assert.rejects(evaluate(without), (error) => isFailure(error, 'not-found'));
  });

  it('turns a candidate away that there are no test images for', async () => {
    const { dependencies } = setUp({ testImages: [] });
    const { result } = await evaluate(dependencies);
    assert.equal(result.gate.passed, false);
    assert.equal(result.samples, 0);
  });

  it('writes down what the candidate answers to the golden images', async () => {
    const { dependencies, stored } = setUp();
    await evaluate(dependencies);
    const image = Buffer.from('a drawing').toString('base64');
    assert.deepEqual(stored.card!.golden, [{ image, probabilities: { happy: 0.1, sad: 0.7, angry: 0.1, fearful: 0.1 } }]);
  });

  it('closes both networks, also when measuring fails', async () => {
    const champion = createFakeClassifier();
    const failing = setUp({ champion: { classifier: champion } });
    const broken = { ...failing.dependencies, datasets: { ...failing.dependencies.datasets, readSamples: failToRead } };
    await assert.rejects(evaluate(broken), (error) => isFailure(error, 'data-corrupt'));
    assert.deepEqual([failing.candidate.isClosed(), champion.isClosed()], [true, true]);
  });

  it('closes the champion when the candidate can\'t be loaded', async () => {
    const champion = createFakeClassifier();
    const { dependencies } = setUp({ champion: { classifier: champion } });
    const loadCandidate = () => Promise.reject(new Failure('not-found', 'There is no candidate.'));
    await assert.rejects(evaluate({ ...dependencies, runs: { ...dependencies.runs, loadCandidate } }), (error) => isFailure(error, 'not-found'));
    assert.equal(champion.isClosed(), true);
  });
});

describe('evaluateCandidate, where the same was measured before', () => {
  const FIRST = '20261124T015500Z-1a2b3c4';
  const SECOND = '20261125T015500Z-fedcba9';
  const OTHER_SHA = 'fe'.repeat(20);
  const azurite = useAzurite();
  let blobs: BlobStore;
  let measured: string[];

  beforeEach(async () => {
    blobs = await azurite.newStore();
    measured = [];
    await saveTraining(blobs, FIRST);
    await createRunStore(blobs).adoptTraining(FIRST, SECOND);
  });

  interface Circumstances {
    readonly split?: Partial<SplitManifest>;
    readonly champion?: { readonly version: number; readonly digest: string } | null;
    readonly code?: string;
    readonly minimumAccuracy?: number;
    readonly useCache?: boolean;
    readonly gitSha?: string;
  }

  /** Real storage; networks that are right about nine of ten images. */
  async function evaluateAs(runName: string, { split = {}, champion = null, code = 'code', minimumAccuracy = 0.5, ...request }: Circumstances = {}) {
    const runs = createRunStore(blobs);
    const classifier = () => createFakeClassifier({ wrong: (digest) => digest < '1a' });
    const dependencies: EvaluateDependencies = {
      runs: {
        ...runs,
        loadCandidate: async () => {
          measured.push(runName);
          return classifier();
        },
      },
      datasets: {
        readSplit: async () => toSplitManifest({ train, test, testRatio: TEST_RATIO, ...split }),
        async *readSamples(wanted) {
          for (const { label, digest } of wanted) yield { label, digest, pixels: toPixels(label, digest) };
        },
      },
      findChampion: async () => champion,
      loadChampion: async (version) => ({ version, card: toModelCard(), classifier: classifier() }),
      disturb: (pixels) => Promise.resolve(pixels),
      drawGoldenImages: async () => [{ file: Buffer.from('a drawing'), pixels: toPixels('sad', '00') }],
      drawConfusion: ({ samples }) => `<svg>${samples}</svg>`,
      drawReliability: ({ bins }) => `<svg>${bins.length} bins</svg>`,
      minimumAccuracy,
      memory: createStepMemory(blobs),
      readCode: async () => code,
    };
    const { result } = await runActivity(() => createEvaluateActivities(dependencies).evaluateCandidate({ runName, gitSha: GIT_SHA, ...request }));
    return { result, card: (await runs.findCard(runName))! };
  }

  it('measures nothing again, and files the figures on a card of its own', async () => {
    const first = await evaluateAs(FIRST);
    const { result, card } = await evaluateAs(SECOND, { gitSha: OTHER_SHA });
    assert.deepEqual(measured, [FIRST]);
    assert.deepEqual(result, { ...first.result, cachedFrom: FIRST });
    const { createdAt } = card;
    assert.deepEqual(card, { ...first.card, runName: SECOND, gitSha: OTHER_SHA, measuredBy: FIRST, createdAt });
    assert.ok(createdAt >= first.card.createdAt);
    assert.match(Buffer.from(await createRunStore(blobs).readCandidateFile(SECOND, MODEL_FILES.confusion)).toString(), /<svg>/);
  });

  it('tells who trained the network apart from who evaluated it', async () => {
    const { card } = await evaluateAs(SECOND, { gitSha: OTHER_SHA });
    assert.deepEqual([card.runName, card.gitSha], [SECOND, OTHER_SHA]);
    assert.deepEqual([card.training.spec.runName, card.training.spec.gitSha], [FIRST, GIT_SHA]);
  });

  it('names the run that measured, and says so again when it is tried again', async () => {
    await evaluateAs(FIRST);
    await evaluateAs(SECOND);
    const third = '20261126T015500Z-fedcba9';
    await createRunStore(blobs).adoptTraining(SECOND, third);
    assert.equal((await evaluateAs(third)).result.cachedFrom, FIRST);
    assert.equal((await evaluateAs(third)).result.cachedFrom, FIRST);
    assert.equal((await evaluateAs(FIRST)).result.cachedFrom, null);
  });

  it('lets the gate decide anew, by what is asked for now', async () => {
    const first = await evaluateAs(FIRST);
    const { result } = await evaluateAs(SECOND, { minimumAccuracy: 0.99 });
    assert.deepEqual([first.result.gate.passed, result.gate.passed], [true, false]);
    assert.deepEqual(measured, [FIRST]);
  });

  const champion = { version: 3, digest: 'ab'.repeat(32) };
  const others: Record<string, Circumstances> = {
    'a first champion': { champion },
    'other test images': { split: { test: test.slice(1) } },
    'an image under another label': { split: { test: test.map((each, index) => (index === 0 ? { ...each, label: 'fearful' } : each)) } },
    'another ratio': { split: { testRatio: 0.6 } },
    'another transform': { split: { transform: { ...IMAGE_TRANSFORM, version: 9 } } },
    'other code': { code: 'other code' },
    'no cache': { useCache: false },
  };
  for (const [what, circumstances] of Object.entries(others)) {
    it(`measures again with ${what}`, async () => {
      await evaluateAs(FIRST);
      assert.equal((await evaluateAs(SECOND, circumstances)).result.cachedFrom, null);
      assert.deepEqual(measured, [FIRST, SECOND]);
    });
  }

  it('measures again beside another champion, and not beside the same', async () => {
    await evaluateAs(FIRST, { champion });
    assert.equal((await evaluateAs(SECOND, { champion })).result.cachedFrom, FIRST);
    for (const [index, other] of [{ ...champion, version: 4 }, { ...champion, digest: 'cd'.repeat(32) }].entries()) {
      const runName = `2026112${index}T000000Z-fedcba9`;
      await createRunStore(blobs).adoptTraining(FIRST, runName);
      assert.equal((await evaluateAs(runName, { champion: other })).result.cachedFrom, null);
    }
  });

  it('measures another network', async () => {
    await evaluateAs(FIRST);
    const third = '20261126T015500Z-fedcba9';
    await saveTraining(blobs, third);
    assert.equal((await evaluateAs(third)).result.cachedFrom, null);
  });

  it('measures again when the card is gone, or was changed by hand', async () => {
    const { card } = await evaluateAs(FIRST);
    const key = runKeys.candidate(FIRST, MODEL_FILES.card);
    await blobs.write('runs', key, JSON.stringify({ ...card, evaluation: { ...card.evaluation, accuracy: 1 } }));
    assert.equal((await evaluateAs(SECOND)).result.cachedFrom, null);
    await blobs.remove('runs', runKeys.candidate(SECOND, MODEL_FILES.card));
    await blobs.remove('runs', key);
    assert.equal((await evaluateAs(SECOND)).result.cachedFrom, null);
    assert.deepEqual(measured, [FIRST, SECOND, SECOND]);
  });
});

type Classifier = Awaited<ReturnType<EvaluateDependencies['runs']['loadCandidate']>>;

interface FakeClassifier extends Classifier {
  /** Sizes of the batches that it was asked about. */
  readonly batches: number[];
  isClosed(): boolean;
}

/** Reads the right answer off the pixels, and gives the next label where it is to be wrong. */
function createFakeClassifier({ wrong = () => false }: { wrong?: (digest: string) => boolean } = {}): FakeClassifier {
  const batches: number[] = [];
  let closed = false;
  return {
    batches,
    isClosed: () => closed,
    classify(pixels) {
      assert.equal(closed, false);
      batches.push(pixels.length);
      return Promise.resolve(
        pixels.map((each) => {
          const digest = Buffer.from(each.subarray(1)).toString('hex');
          const index = (each[0]! + Number(wrong(digest))) % EMOTIONS.length;
          return toPerEmotion((_, at) => (at === index ? 0.7 : 0.1));
        }),
      );
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

/** Not an image, but what the fake classifier needs: the label's index and the digest. */
function toPixels(label: Emotion, digest: string): Uint8Array {
  return Buffer.concat([Buffer.from([EMOTIONS.indexOf(label)]), Buffer.from(digest, 'hex')]);
}

// eslint-disable-next-line require-yield -- it fails before the first one
async function* failToRead(): AsyncGenerator<never> {
  throw new Failure('data-corrupt', 'A shard is damaged.');
}
