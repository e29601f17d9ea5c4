import type { ValidationLoss } from './early-stopping.ts';

/** What a network answered to labelled images. */
export interface Answers {
  /** Image after image, one probability per label. */
  readonly probabilities: Float32Array;
  /** Index of the right label of each image. */
  readonly labels: Uint8Array;
}

export interface WeightedAnswers extends Answers {
  /** How much an image of each label counts. */
  readonly classWeights: Float32Array;
}

/** Keeps the logarithm finite when a network is utterly sure and wrong. */
const SMALLEST_PROBABILITY = 1e-7;

/** Sharpness from a quarter, where a network knows less than it says, to four times, where it knows more. */
const LARGEST_LOG_SHARPNESS = Math.log(4);
const SEARCH_STEPS = 20;
const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;

/**
 * The mean cross-entropy of answers after temperature scaling (Guo et al. 2017) with the temperature that suits them best.
 *
 * Plain cross-entropy calls a network worse that answers more images rightly but has grown too sure of itself, as
 * networks do on small sets; early stopping by it stops too early. How sure it is can be mended afterwards, so here only
 * what can't be mended counts. It needs fewer images to tell two epochs apart than accuracy does.
 */
export function toCalibratedLoss(answers: WeightedAnswers): ValidationLoss {
  return toLoss(answers, findSharpness(answers));
}

/**
 * The inverse of the temperature that suits the answers best: what to multiply logits by. Between a quarter and four.
 *
 * @param reluctance how many nats it costs, over all answers together, to sharpen or blur by a factor of e; the square of the
 *   logarithm is what is paid for. At 0 nothing but the answers counts.
 */
export function findSharpness(answers: WeightedAnswers, reluctance = 0): number {
  const toCost = (logSharpness: number) => toLoss(answers, Math.exp(logSharpness)).mean + (reluctance * logSharpness ** 2) / answers.labels.length;
  // The loss has one minimum over the sharpness, so that a golden-section search finds it.
  let low = -LARGEST_LOG_SHARPNESS;
  let high = LARGEST_LOG_SHARPNESS;
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const reach = GOLDEN_SECTION * (high - low);
    if (toCost(high - reach) < toCost(low + reach)) high = low + reach;
    else low = high - reach;
  }
  return Math.exp((low + high) / 2);
}

/** The mean cross-entropy of answers once their logits are multiplied by the sharpness. */
export function toLoss({ probabilities, labels, classWeights }: WeightedAnswers, sharpness: number): ValidationLoss {
  const outputs = probabilities.length / labels.length;
  const losses = new Float64Array(labels.length);
  let sumOfLosses = 0;
  let sumOfWeights = 0;
  for (const [image, label] of labels.entries()) {
    const sharp = sharpen(probabilities.subarray(image * outputs, (image + 1) * outputs), sharpness);
    losses[image] = -Math.log(sharp[label]!);
    sumOfLosses += classWeights[label]! * losses[image];
    sumOfWeights += classWeights[label]!;
  }
  const mean = sumOfLosses / sumOfWeights;
  const squares = losses.reduce((sum, loss, image) => sum + (classWeights[labels[image]!]! * (loss - mean)) ** 2, 0);
  return { mean, error: Math.sqrt(squares) / sumOfWeights };
}

/** The probabilities of one image once its logits are multiplied by the sharpness. */
export function sharpen(probabilities: Float32Array, sharpness: number): Float64Array {
  const powers = Float64Array.from(probabilities, (probability) => Math.max(SMALLEST_PROBABILITY, probability) ** sharpness);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
