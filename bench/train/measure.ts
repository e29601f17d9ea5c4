import type { Classifier } from '../../activities/measure-candidate.ts';
import { chooseDisturbed, measureRobustness } from '../../activities/measure-robustness.ts';
import { disturb } from '../../adapters/vision/disturb.ts';
import type { ChosenCertainty } from '../../domain/certainty.ts';
import { chooseCertainty } from '../../domain/certainty.ts';
import type { Confidence } from '../../domain/confidence.ts';
import { measureConfidence } from '../../domain/confidence.ts';
import type { Emotion } from '../../domain/emotion.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import { evaluate } from '../../domain/evaluation.ts';
import type { Certainty } from '../../domain/prediction.ts';
import { toLikeliest } from '../../domain/prediction.ts';
import { createRandom } from '../../domain/random.ts';
import type { Robustness } from '../../domain/robustness.ts';
import type { Face } from './face-folders.ts';

/** What was answered to a face, and whether that is its label. */
export interface Answer {
  readonly truth: Emotion;
  readonly answer: Emotion;
  readonly confidence: number;
  readonly isRight: boolean;
}

/** How right a network is about faces, and how far its confidence can be believed. */
export async function measureAccuracy(classifier: Classifier, test: readonly Face[], certainty: Certainty): Promise<{ answers: Answer[]; evaluation: Evaluation; confidence: Confidence }> {
  const answers = await ask(classifier, test);
  return { answers, evaluation: evaluate(answers), confidence: measureConfidence(answers, certainty) };
}

/** What comes of other precisions that are asked for: the threshold as the validation faces choose it, and what it names of the test faces. */
export async function measurePrecisions(classifier: Classifier, validation: readonly Face[], answers: readonly Answer[], precisions: readonly number[]): Promise<{ chosen: ChosenCertainty; named: Confidence['named'] }[]> {
  const known = await ask(classifier, validation);
  return precisions.map((precision) => {
    const chosen = chooseCertainty(known, precision);
    return { chosen, named: measureConfidence(answers, chosen).named };
  });
}

/** How many of some test faces are answered rightly when their pictures are made worse: the same faces and pictures each time. */
export async function measureDisturbed(classifier: Classifier, test: readonly Face[], faces: number): Promise<Robustness> {
  async function* read(): AsyncGenerator<Face> {
    yield* chooseDisturbed(test, faces);
  }
  return measureRobustness({
    candidate: classifier,
    disturb: (pixels, condition, seed) => disturb(pixels, condition, createRandom(seed)),
    samples: read(),
    report: () => undefined,
  });
}

async function ask(classifier: Classifier, faces: readonly Face[]): Promise<Answer[]> {
  const answers = await classifier.classify(faces.map(({ pixels }) => pixels));
  return faces.map(({ label: truth }, index) => {
    const answer = toLikeliest(answers[index]!);
    return { truth, answer, confidence: answers[index]![answer], isRight: answer === truth };
  });
}
