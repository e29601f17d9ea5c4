import { toRunOfCandidate } from '../domain/candidates.ts';
import type { Confidence } from '../domain/confidence.ts';
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
import { MODEL_FILES, MODEL_NAME } from '../domain/names.ts';
import type { Certainty } from '../domain/prediction.ts';
import type { Robustness } from '../domain/robustness.ts';
import type { RunReport } from '../domain/run-findings.ts';
import type { Recollection } from '../domain/step-memory.ts';
import { toCanonicalJson } from '../domain/step-memory.ts';
import type { TrainingResult } from '../domain/training.ts';
import { LARGEST_PARITY_DIFFERENCE } from '../domain/training.ts';
import { toDigest, toSamplesDigest } from './content-digest.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { Classifier, LoadedChampion, Measurement, TestSample } from './measure-candidate.ts';
import { measureCandidate } from './measure-candidate.ts';
import type { Disturb } from './measure-robustness.ts';
import { chooseDisturbed, measureRobustness } from './measure-robustness.ts';
import type { StepMemory } from './remembered.ts';
import { createRememberedWork } from './remembered.ts';

export interface EvaluateDependencies {
  readonly runs: {
    findResult(runName: string): Promise<TrainingResult | null>;
    findCard(runName: string): Promise<ModelCard | null>;
    saveCard(card: ModelCard, pictures: { readonly confusion: string; readonly reliability: string }): Promise<void>;
    loadCandidate(runName: string): Promise<Classifier>;
  };
  readonly datasets: {
    readSplit(version: string): Promise<SplitManifest>;
    readSamples(references: readonly SampleReference[], signal: AbortSignal): AsyncIterable<TestSample>;
  };
  /** The version that `latest` points at with the digest of its network, or null. */
  readonly findChampion: () => Promise<{ readonly version: number; readonly digest: string } | null>;
  readonly loadChampion: (version: number) => Promise<LoadedChampion>;
  readonly disturb: Disturb;
  /** Images of no person, for golden predictions. */
  readonly drawGoldenImages: () => Promise<readonly GoldenImage[]>;
  /** The confusion matrix as SVG. */
  readonly drawConfusion: (evaluation: Evaluation) => string;
  /** How often answers are right by how sure they are, as SVG. */
  readonly drawReliability: (confidence: Confidence) => string;
  readonly minimumAccuracy: number;
  readonly memory: StepMemory;
  /** The version of the code that measures. */
  readonly readCode: () => Promise<string>;
}

export interface EvaluateRequest {
  /** Under which the candidate is filed. */
  readonly runName: string;
  /** The commit of the run; who trained the candidate when it is missing, as in requests of before that could differ. */
  readonly gitSha?: string;
  /** False: it is measured anew. Missing in requests of before that was asked. */
  readonly useCache?: boolean;
}

export interface EvaluateSummary {
  readonly accuracy: number;
  readonly samples: number;
  readonly gate: GateDecision;
  readonly report: RunReport;
  /** The run that took the measurements; null when this one did. */
  readonly cachedFrom: string | null;
}

export type EvaluateActivities = ReturnType<typeof createEvaluateActivities>;

export function createEvaluateActivities(dependencies: EvaluateDependencies) {
  const { runs, datasets, findChampion, loadChampion, disturb, drawGoldenImages, drawConfusion, drawReliability, minimumAccuracy, memory, readCode } = dependencies;
  const work = createRememberedWork(memory, 'evaluate');

  return {
    /**
     * Measures the run's candidate on its test images, beside the champion, and writes its card. What an earlier run measured
     * of the same network, champion and images is not measured again; the gate decides anew in any case.
     */
    async evaluateCandidate({ runName, gitSha, useCache = true }: EvaluateRequest): Promise<EvaluateSummary> {
      const earlier = await runs.findCard(runName);
      if (earlier !== null) return toSummary(earlier);

      const result = await runs.findResult(runName);
      if (result === null) throw new Failure('not-found', `Run ${runName} has no finished training to evaluate.`);
      refuseBrokenExport(result);
      const split = await datasets.readSplit(result.spec.splitVersion);
      const rival = await findChampion();
      const uncertainBelow = result.certainty?.uncertainBelow ?? 0;
      const inputs = { candidate: toNetworkDigest(result), uncertainBelow, images: toSamplesDigest(split.test), testRatio: split.testRatio, transform: split.transform, champion: rival, code: await readCode() };
      const origin = { runName, gitSha: gitSha ?? result.spec.gitSha };
      const former = useCache ? await work.reuse(inputs, findFormer) : null;
      const findings = former ?? (await withHeartbeat((report, signal) => measure({ runName, uncertainBelow }, rival?.version ?? null, split, { report, signal })));
      const gate = decideGate({ candidate: findings.evaluation, champion: findings.champion, minimumAccuracy });
      const card = toCard({ ...findings, ...origin, result, split, gate });
      await runs.saveCard(card, { confusion: drawConfusion(findings.evaluation), reliability: drawReliability(findings.confidence) });
      if (former === null) await work.remember(inputs, { output: { name: runName, digest: toFindingsDigest(findings) }, ...origin, runName: toRunOfCandidate(runName) });
      return toSummary(card);
    },
  };

  async function findFormer({ output }: Recollection): Promise<Findings | null> {
    const card = await runs.findCard(output.name);
    if (card === null || card.confidence === null || card.robustness === null || toFindingsDigest(card) !== output.digest) return null;
    const { evaluation, confidence, robustness, champion, golden } = card;
    return { evaluation, confidence, robustness, champion, golden, measuredBy: toRunOfCandidate(output.name) };
  }

  async function measure({ runName, uncertainBelow }: Measured, rival: number | null, split: SplitManifest, { report, signal }: Reporting): Promise<Findings> {
    const champion = rival === null ? null : await loadChampion(rival);
    let candidate: Classifier | null = null;
    try {
      candidate = await runs.loadCandidate(runName);
      const samples = datasets.readSamples(split.test, signal);
      const measurement = await measureCandidate({ candidate, uncertainBelow, champion, split, samples, report });
      const robustness = await measureRobustness({ candidate, disturb, samples: datasets.readSamples(chooseDisturbed(split.test), signal), report });
      return { ...measurement, robustness, golden: await predictGolden(candidate), measuredBy: null };
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

interface Measured extends Certainty {
  /** Under which the candidate is filed. */
  readonly runName: string;
}

interface Findings extends Measurement {
  readonly robustness: Robustness;
  readonly golden: readonly GoldenPrediction[];
  readonly measuredBy: string | null;
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
  readonly runName: string;
  readonly gitSha: string;
}

function toCard({ runName, gitSha, result, split, measuredBy, evaluation, confidence, robustness, champion, golden, gate }: CardParts): ModelCard {
  const { files: _files, samples, ...training } = result;
  return {
    name: MODEL_NAME,
    runName,
    gitSha,
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
    measuredBy,
    evaluation,
    confidence,
    robustness,
    champion,
    gate,
    golden: [...golden],
  };
}

function toSummary({ evaluation, champion, gate, measuredBy }: ModelCard): EvaluateSummary {
  return { accuracy: evaluation.accuracy, samples: evaluation.samples, gate, report: { evaluation, champion }, cachedFrom: measuredBy };
}

function toNetworkDigest({ files }: TrainingResult): string {
  return files.find(({ name }) => name === MODEL_FILES.onnx)?.digest ?? '';
}

function toFindingsDigest({ evaluation, confidence, robustness, champion, golden }: Pick<ModelCard, 'evaluation' | 'confidence' | 'robustness' | 'champion'> & { readonly golden: readonly GoldenPrediction[] }): string {
  return toDigest(toCanonicalJson({ evaluation, confidence, robustness, champion, golden }));
}
