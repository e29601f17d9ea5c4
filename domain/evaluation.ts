import { z } from 'zod';
import { EMOTIONS, perEmotion, toPerEmotion } from './emotion.ts';
import type { Emotion } from './emotion.ts';
import { intervalSchema, toWilsonInterval } from './statistics.ts';

const share = z.number().min(0).max(1);

const classScoresSchema = z.object({
  /** Of the images answered with this label, the share that has it. 0 when none was answered so. */
  precision: share,
  /** Of the images that have this label, the share answered with it. */
  recall: share,
  f1: share,
  samples: z.int().nonnegative(),
});

export const evaluationSchema = z.object({
  samples: z.int().nonnegative(),
  accuracy: share,
  /** 95 % Wilson interval of the accuracy. */
  accuracyInterval: intervalSchema,
  perClass: perEmotion(classScoresSchema),
  /** `confusion[truth][answer]`: counts, both in the order of EMOTIONS. */
  confusion: z.array(z.array(z.int().nonnegative()).length(EMOTIONS.length)).length(EMOTIONS.length),
});

/** How a model did on test images that it never saw. */
export type Evaluation = z.infer<typeof evaluationSchema>;

export interface Answer {
  readonly truth: Emotion;
  readonly answer: Emotion;
}

/** Scores a model from its answers to labelled images. */
export function evaluate(answers: Iterable<Answer>): Evaluation {
  const confusion = EMOTIONS.map(() => EMOTIONS.map(() => 0));
  for (const { truth, answer } of answers) {
    const row = confusion[EMOTIONS.indexOf(truth)]!;
    row[EMOTIONS.indexOf(answer)]! += 1;
  }
  const samples = sum(confusion.flat());
  const right = sum(EMOTIONS.map((_, index) => confusion[index]![index]!));
  return {
    samples,
    accuracy: ratio(right, samples),
    accuracyInterval: toWilsonInterval(right, samples),
    perClass: toPerEmotion((_, index) => {
      const hits = confusion[index]![index]!;
      const truths = sum(confusion[index]!);
      const precision = ratio(hits, sum(confusion.map((row) => row[index]!)));
      const recall = ratio(hits, truths);
      return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), samples: truths };
    }),
    confusion,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
