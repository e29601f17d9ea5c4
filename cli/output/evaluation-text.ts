import type { ChosenCertainty } from '../../domain/certainty.ts';
import type { Confidence } from '../../domain/confidence.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import type { RunReport } from '../../domain/run-findings.ts';
import { toPercent } from '../../domain/wording.ts';
import { toTable } from './table.ts';

/** `75.0 % (95 %: 50.5 % – 89.8 %)`. */
function toShareText({ accuracy, accuracyInterval }: Pick<Evaluation, 'accuracy' | 'accuracyInterval'>): string {
  return `${toPercent(accuracy)} (95 %: ${toPercent(accuracyInterval.lower)} – ${toPercent(accuracyInterval.upper)})`;
}

export function toAccuracyText(evaluation: Evaluation): string {
  return `${toShareText(evaluation)} of ${evaluation.samples} unseen images`;
}

/** How the candidate did beside the champion, on the images that neither has seen. */
export function toChampionText(champion: RunReport['champion']): string {
  if (champion === null) return 'there is no earlier model to compare with';
  const { version, evaluation, candidate } = champion;
  if (evaluation.samples === 0) return `version ${version} has seen all of the test images; it can't be compared with`;
  return `version ${version} has ${toShareText(evaluation)} of the ${evaluation.samples} images that neither has seen, the candidate ${toShareText(candidate)}`;
}

/** How far its confidence can be believed, and how often it names an expression. */
export function toConfidenceFacts({ calibrationError, errorByChance, named }: Confidence, certainty: ChosenCertainty | null, samples: number): [string, string][] {
  const calibration = `off by ${toPercent(calibrationError)} on average, where chance alone makes ${toPercent(errorByChance)}`;
  const { images, right, uncertainBelow, precisionInterval } = named;
  const precision = `${right} of them rightly (95 %: ${toPercent(precisionInterval.lower)} – ${toPercent(precisionInterval.upper)})`;
  const answers = `${images} of ${samples} images at a confidence of ${toPercent(uncertainBelow)} and more, ${precision}`;
  return [['confidence', calibration], ['names one', answers + toWanted(certainty)]];
}

function toWanted(certainty: ChosenCertainty | null): string {
  if (certainty === null) return '';
  return `; ${toPercent(certainty.precision)} was asked for${certainty.isReached ? '' : ', and not reached on the validation images'}`;
}

/** Precision, recall and F1 of each label. */
export function toClassTable(evaluation: Evaluation): string {
  const rows = EMOTIONS.map((emotion) => {
    const { precision, recall, f1, samples } = evaluation.perClass[emotion];
    return [emotion, toPercent(precision), toPercent(recall), toPercent(f1), String(samples)];
  });
  return toTable(['', 'precision', 'recall', 'F1', 'images'], rows);
}

/** What was taken for what: a row for each truth. */
export function toConfusionTable({ confusion }: Evaluation): string {
  const rows = EMOTIONS.map((emotion, truth) => [`is ${emotion}`, ...confusion[truth]!.map(String)]);
  return toTable(['', ...EMOTIONS.map((emotion) => `seen ${emotion}`)], rows);
}
