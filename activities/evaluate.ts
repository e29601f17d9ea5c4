import type { SampleReference, SplitManifest } from '../domain/dataset.ts';
import { countByLabel } from '../domain/dataset.ts';
import { EMOTIONS } from '../domain/emotion.ts';
import type { Evaluation } from '../domain/evaluation.ts';
import { Failure } from '../domain/failure.ts';
import type { GateDecision } from '../domain/gate.ts';
import { decideGate } from '../domain/gate.ts';
import type { GoldenPrediction } from '../domain/golden.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import type { ModelCard } from '../domain/model.ts';
import { MODEL_NAME } from '../domain/names.ts';
import type { RunReport } from '../domain/pipeline.ts';
import type { TrainingResult } from '../domain/training.ts';
import { LARGEST_PARITY_DIFFERENCE } from '../domain/training.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { Classifier, LoadedChampion, Measurement, TestSample } from './measure-candidate.ts';
import { measureCandidate } from './measure-candidate.ts';

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
  readonly loadChampion: () => Promise<LoadedChampion | null>;
  /** Images of no person, for golden predictions. */
  readonly drawGoldenImages: () => Promise<readonly GoldenImage[]>;
  /** The confusion matrix as SVG. */
  readonly drawConfusion: (evaluation: Evaluation) => string;
  readonly minimumAccuracy: number;
}

export interface EvaluateSummary {
  readonly accuracy: number;
  readonly samples: number;
  readonly gate: GateDecision;
  readonly report: RunReport;
}

export type EvaluateActivities = ReturnType<typeof createEvaluateActivities>;

export function createEvaluateActivities({ runs, datasets, loadChampion, drawGoldenImages, drawConfusion, minimumAccuracy }: EvaluateDependencies) {
  return {
    /** Measures the run's candidate on its test images, beside the champion, and writes its card. */
    async evaluateCandidate({ runName }: { runName: string }): Promise<EvaluateSummary> {
      const earlier = await runs.findCard(runName);
      if (earlier !== null) return toSummary(earlier);

      const result = await runs.findResult(runName);
      if (result === null) throw new Failure('not-found', `Run ${runName} has no finished training to evaluate.`);
      refuseBrokenExport(result);
      const split = await datasets.readSplit(result.spec.splitVersion);
      const measurement = await withHeartbeat((report, signal) => measure(runName, split, { report, signal }));
      const gate = decideGate({ candidate: measurement.evaluation, champion: measurement.champion, minimumAccuracy });
      const card = toCard({ ...measurement, result, split, gate });
      await runs.saveCard(card, drawConfusion(measurement.evaluation));
      return toSummary(card);
    },
  };

  async function measure(runName: string, split: SplitManifest, { report, signal }: Reporting): Promise<Findings> {
    const champion = await loadChampion();
    let candidate: Classifier | null = null;
    try {
      candidate = await runs.loadCandidate(runName);
      const samples = datasets.readSamples(split.test, signal);
      const measurement = await measureCandidate({ candidate, champion, split, samples, report });
      return { ...measurement, golden: await predictGolden(candidate) };
    } finally {
      await candidate?.close();
      await champion?.classifier.close();
    }
  }

  async function predictGolden(candidate: Classifier): Promise<GoldenPrediction[]> {
    const images = await drawGoldenImages();
    const answers = await candidate.classify(images.map(({ pixels }) => pixels));
    return images.map(({ file }, index) => ({ image: Buffer.from(file).toString('base64'), probabilities: answers[index]! }));
  }
}

/** An image file, and what a network sees of it. */
export interface GoldenImage {
  readonly file: Uint8Array;
  readonly pixels: GreyPixels;
}

interface Findings extends Measurement {
  readonly golden: readonly GoldenPrediction[];
}

interface Reporting {
  readonly report: (details: unknown) => void;
  readonly signal: AbortSignal;
}

function refuseBrokenExport({ parity }: TrainingResult): void {
  if (parity.largestDifference < LARGEST_PARITY_DIFFERENCE) return;
  const difference = parity.largestDifference.toExponential(1);
  throw new Failure(
    'parity-broken',
    `The exported network differs from the trained one by ${difference} in a probability; less than ${LARGEST_PARITY_DIFFERENCE} is required. The exporter does not know this network.`,
  );
}

interface CardParts extends Findings {
  readonly result: TrainingResult;
  readonly split: SplitManifest;
  readonly gate: GateDecision;
}

function toCard({ result, split, evaluation, champion, golden, gate }: CardParts): ModelCard {
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
    golden: [...golden],
  };
}

function toSummary({ evaluation, champion, gate }: ModelCard): EvaluateSummary {
  return { accuracy: evaluation.accuracy, samples: evaluation.samples, gate, report: { evaluation, champion } };
}
