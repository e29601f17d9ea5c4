/** What a network answered to labelled images. */
export interface Answers {
  /** Image after image, one probability per label. */
  readonly probabilities: Float32Array;
  /** Index of the right label of each image. */
  readonly labels: Uint8Array;
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
export function toCalibratedLoss(answers: Answers): number {
  // The loss has one minimum over the sharpness, so that a golden-section search finds it.
  let low = -LARGEST_LOG_SHARPNESS;
  let high = LARGEST_LOG_SHARPNESS;
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const reach = GOLDEN_SECTION * (high - low);
    if (toLoss(answers, Math.exp(high - reach)) < toLoss(answers, Math.exp(low + reach))) high = low + reach;
    else low = high - reach;
  }
  return toLoss(answers, Math.exp((low + high) / 2));
}

function toLoss({ probabilities, labels, classWeights }: Answers, sharpness: number): number {
  const outputs = probabilities.length / labels.length;
  let loss = 0;
  let weight = 0;
  for (const [image, label] of labels.entries()) {
    let sum = 0;
    for (let output = 0; output < outputs; output += 1) sum += sharpen(probabilities[image * outputs + output]!, sharpness);
    loss += classWeights[label]! * (Math.log(sum) - Math.log(sharpen(probabilities[image * outputs + label]!, sharpness)));
    weight += classWeights[label]!;
  }
  return loss / weight;
}

function sharpen(probability: number, sharpness: number): number {
  return Math.max(SMALLEST_PROBABILITY, probability) ** sharpness;
}
