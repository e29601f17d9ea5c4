import type { Confidence } from '../domain/confidence.ts';
import { measureConfidence } from '../domain/confidence.ts';
import type { SplitManifest } from '../domain/dataset.ts';
import type { Emotion, PerEmotion } from '../domain/emotion.ts';
import type { Evaluation } from '../domain/evaluation.ts';
import { evaluate } from '../domain/evaluation.ts';
import type { Champion } from '../domain/gate.ts';
import type { GreyPixels } from '../domain/image-transform.ts';
import { isSameTransform } from '../domain/image-transform.ts';
import type { ModelCard } from '../domain/model.ts';
import type { Certainty } from '../domain/prediction.ts';
import { toLikeliest } from '../domain/prediction.ts';
import { toSplitSide } from '../domain/split.ts';
import { inBatches } from './in-batches.ts';

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

export interface LoadedChampion {
  readonly version: number;
  readonly card: ModelCard;
  readonly classifier: Classifier;
}

export interface MeasureRequest extends Certainty {
  readonly candidate: Classifier;
  readonly champion: LoadedChampion | null;
  readonly split: SplitManifest;
  /** Of the split's test side. */
  readonly samples: AsyncIterable<TestSample>;
  readonly report: (details: unknown) => void;
}

export interface Measurement {
  readonly evaluation: Evaluation;
  readonly confidence: Confidence;
  /** Null when there is none, or none that sees images as the candidate does. */
  readonly champion: Champion | null;
}

const BATCH_SIZE = 64;

/** Asks the candidate, and beside it the champion, about every test image. */
export async function measureCandidate({ candidate, uncertainBelow, champion, split, samples, report }: MeasureRequest): Promise<Measurement> {
  const rival = champion !== null && isSameTransform(champion.card.transform, split.transform) ? champion : null;
  const answers: { digest: string; truth: Emotion; candidate: Emotion; confidence: number; champion: Emotion | null }[] = [];
  for await (const batch of inBatches(samples, BATCH_SIZE)) {
    const ofCandidate = await answer(candidate, batch);
    const ofChampion = rival === null ? null : await answer(rival.classifier, batch);
    for (const [index, { digest, label: truth }] of batch.entries()) {
      answers.push({ digest, truth, candidate: ofCandidate[index]!.emotion, confidence: ofCandidate[index]!.confidence, champion: ofChampion?.[index]?.emotion ?? null });
    }
    report({ images: answers.length, ofImages: split.test.length });
  }
  const evaluation = evaluate(answers.map((each) => ({ truth: each.truth, answer: each.candidate })));
  const verified = answers.map((each) => ({ confidence: each.confidence, isRight: each.candidate === each.truth }));
  const confidence = measureConfidence(verified, { uncertainBelow });
  if (rival === null) return { evaluation, confidence, champion: null };

  // What is on the test side at the smaller ratio was in neither one's training.
  const testRatio = Math.min(split.testRatio, rival.card.data.testRatio);
  const unseenByBoth = answers.filter(({ digest }) => toSplitSide(digest, testRatio) === 'test');
  return {
    evaluation,
    confidence,
    champion: {
      version: rival.version,
      evaluation: evaluate(unseenByBoth.map((each) => ({ truth: each.truth, answer: each.champion! }))),
      candidate: evaluate(unseenByBoth.map((each) => ({ truth: each.truth, answer: each.candidate }))),
    },
  };
}

async function answer(classifier: Classifier, batch: readonly TestSample[]): Promise<{ emotion: Emotion; confidence: number }[]> {
  const probabilities = await classifier.classify(batch.map(({ pixels }) => pixels));
  return probabilities.map((each) => {
    const emotion = toLikeliest(each);
    return { emotion, confidence: each[emotion] };
  });
}
