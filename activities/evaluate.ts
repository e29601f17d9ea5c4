import { Context } from '@temporalio/activity';
import type { SampleReference, SplitManifest } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import type { Emotion, PerEmotion } from '../domain/emotion.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import type { Evaluation } from '../domain/evaluation.ts';
import { evaluate } from '../domain/evaluation.ts';
import { Failure } from '../domain/failure.ts';
import type { Champion, GateDecision } from '../domain/gate.ts';
import { decideGate } from '../domain/gate.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import { isSameTransform } from '../domain/image-transform.ts';
import type { ModelCard } from '../domain/model.ts';
import { MODEL_NAME } from '../domain/names.ts';
import { toClassification } from '../domain/prediction.ts';
import { toSplitSide } from '../domain/split.ts';
import type { TrainingResult } from '../domain/training.ts';
import { LARGEST_PARITY_DIFFERENCE } from '../domain/training.ts';

export interface Classifier {
  /** Probabilities of each image, in the order given. */
  classify(pixels: readonly GreyPixels[]): Promise<PerEmotion[]>;
  close(): Promise<void>;
}

export interface TestSample {
  readonly label: Emotion;
  readonly digest: string;
  readonly pixels: GreyPixels;
}

export interface EvaluateDependencies {
  readonly runs: {
    findResult(runName: string): Promise<TrainingResult | null>;
    findCard(runName: string): Promise<ModelCard | null>;
    saveCard(card: ModelCard, confusionPicture: string): Promise<void>;
    loadCandidate(runName: string): Promise<Classifier>;
  };
  readonly datasets: {
    readSplit(version: string): Promise<SplitManifest>;
    readSamples(references: readonly SampleReference[], signal: AbortSignal): AsyncIterable<TestSample>;
  };
  /** The version that `latest` points at, or null. */
  readonly loadChampion: () => Promise<{ readonly version: number; readonly card: ModelCard; readonly classifier: Classifier } | null>;
  /** The confusion matrix as SVG. */
  readonly drawConfusion: (evaluation: Evaluation) => string;
  readonly minimumAccuracy: number;
}

export interface EvaluateSummary {
  readonly accuracy: number;
  readonly samples: number;
  readonly gate: GateDecision;
}

export type EvaluateActivities = ReturnType<typeof createEvaluateActivities>;

const BATCH_SIZE = 64;

export function createEvaluateActivities({ runs, datasets, loadChampion, drawConfusion, minimumAccuracy }: EvaluateDependencies) {
  return {
    /** Measures the run's candidate on its test images, beside the champion, and writes its card. */
    async evaluateCandidate({ runName }: { runName: string }): Promise<EvaluateSummary> {
      const earlier = await runs.findCard(runName);
      if (earlier !== null) return toSummary(earlier);

      const result = await runs.findResult(runName);
      if (result === null) throw new Failure('not-found', `Run ${runName} has no finished training to evaluate.`);
      refuseBrokenExport(result);
      const split = await datasets.readSplit(result.spec.splitVersion);
      const { evaluation, champion } = await measure(runName, split);
      const gate = decideGate({ candidate: evaluation, champion, minimumAccuracy });
      const card = toCard({ result, split, evaluation, champion, gate });
      await runs.saveCard(card, drawConfusion(evaluation));
      return toSummary(card);
    },
  };

  async function measure(runName: string, split: SplitManifest): Promise<{ evaluation: Evaluation; champion: Champion | null }> {
    const candidate = await runs.loadCandidate(runName);
    const champion = await loadChampion();
    try {
      const isComparable = champion !== null && isSameTransform(champion.card.transform, split.transform);
      const answers = await answerAll(split, candidate, isComparable ? champion.classifier : null);
      const evaluation = evaluate(answers.map(({ truth, candidate: answer }) => ({ truth, answer })));
      if (!isComparable) return { evaluation, champion: null };
      const testRatio = Math.min(split.testRatio, champion.card.data.testRatio);
      const unseenByBoth = answers.filter(({ digest }) => toSplitSide(digest, testRatio) === 'test');
      return {
        evaluation,
        champion: {
          version: champion.version,
          evaluation: evaluate(unseenByBoth.flatMap(({ truth, champion: answer }) => (answer === null ? [] : [{ truth, answer }]))),
          candidate: evaluate(unseenByBoth.map(({ truth, candidate: answer }) => ({ truth, answer }))),
        },
      };
    } finally {
      await candidate.close();
      await champion?.classifier.close();
    }
  }

  async function answerAll(split: SplitManifest, candidate: Classifier, champion: Classifier | null) {
    const context = Context.current();
    const answers: { digest: string; truth: Emotion; candidate: Emotion; champion: Emotion | null }[] = [];
    for await (const batch of toBatches(datasets.readSamples(split.test, context.cancellationSignal))) {
      const pixels = batch.map((sample) => sample.pixels);
      const ofCandidate = await candidate.classify(pixels);
      const ofChampion = champion === null ? null : await champion.classify(pixels);
      batch.forEach(({ digest, label }, index) => {
        answers.push({
          digest,
          truth: label,
          candidate: toClassification(ofCandidate[index]!).emotion,
          champion: ofChampion === null ? null : toClassification(ofChampion[index]!).emotion,
        });
      });
      context.heartbeat({ images: answers.length, ofImages: split.test.length });
    }
    return answers;
  }
}

async function* toBatches(samples: AsyncIterable<TestSample>): AsyncGenerator<TestSample[]> {
  let batch: TestSample[] = [];
  for await (const sample of samples) {
    batch.push(sample);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function refuseBrokenExport({ parity }: TrainingResult): void {
  if (parity.largestDifference < LARGEST_PARITY_DIFFERENCE) return;
  const difference = parity.largestDifference.toExponential(1);
  throw new Failure(
    'parity-broken',
    `The exported network differs from the trained one by ${difference} in a probability; less than ${LARGEST_PARITY_DIFFERENCE} is required. The exporter does not know this network.`,
  );
}

interface Findings {
  readonly result: TrainingResult;
  readonly split: SplitManifest;
  readonly evaluation: Evaluation;
  readonly champion: Champion | null;
  readonly gate: GateDecision;
}

function toCard({ result, split, evaluation, champion, gate }: Findings): ModelCard {
  const { files: _files, samples, ...training } = result;
  return {
    name: MODEL_NAME,
    runName: result.spec.runName,
    gitSha: result.spec.gitSha,
    createdAt: new Date().toISOString(),
    labels: [...EMOTIONS],
    transform: split.transform,
    data: {
      datasetVersion: split.datasetVersion,
      splitVersion: split.version,
      testRatio: split.testRatio,
      counts: { ...samples, test: countByLabel(split.test) },
    },
    training,
    evaluation,
    champion,
    gate,
  };
}

function toSummary({ evaluation, gate }: ModelCard): EvaluateSummary {
  return { accuracy: evaluation.accuracy, samples: evaluation.samples, gate };
}
