import type { Verified } from '../../domain/certainty.ts';
import { chooseCertainty, LEAST_ANSWERS } from '../../domain/certainty.ts';
import type { TrainingResult } from '../../domain/training.ts';
import { answerAll } from './answer-all.ts';
import { createBatches } from './batches.ts';
import type { Answers } from './calibrated-loss.ts';
import { findSharpness, sharpen, toLoss } from './calibrated-loss.ts';
import { OUTPUT_NAME, OUTPUTS } from './network.ts';
import type { SampleSource } from './samples.ts';
import type { NetworkWeights } from './weights.ts';
import { copyWeights, findView } from './weights.ts';

/**
 * Says that a temperature is expected within a quarter of 1 in most trainings (a normal distribution of its logarithm), which keeps
 * sixty images from deciding on a wild one; a thousand decide for themselves.
 */
const RELUCTANCE = 1 / (2 * 0.25 ** 2);

export interface CalibrateOptions {
  /** Of the answers that name an expression, the share that shall be right. */
  readonly answerPrecision: number;
  readonly batchSize: number;
  readonly signal: AbortSignal;
}

export interface CalibratedNetwork {
  /** The given network with its logits divided by the temperature. */
  readonly weights: NetworkWeights;
  readonly calibration: NonNullable<TrainingResult['calibration']>;
  readonly certainty: NonNullable<TrainingResult['certainty']>;
}

/**
 * Makes a network as sure as it is right, and chooses from which confidence on it names an expression, both on validation
 * images as they are answered in use. The temperature (Guo et al. 2017) goes into the last layer, so that whatever runs the
 * network is calibrated without knowing of it, and the likeliest label stays what it is.
 *
 * Every image counts the same here, whatever its label: confidence is to be right about images as they come, and the weights of
 * the training loss would let the few images of a rare label decide. With fewer than 20 images the temperature stays 1.
 */
export async function calibrate(network: NetworkWeights, validation: SampleSource, { answerPrecision, batchSize, signal }: CalibrateOptions): Promise<CalibratedNetwork> {
  const answers = { ...(await answerAll(network, createBatches(validation, { batchSize }), signal)), classWeights: new Float32Array(OUTPUTS).fill(1) };
  const images = answers.labels.length;
  const sharpness = images < LEAST_ANSWERS ? 1 : findSharpness(answers, RELUCTANCE);
  const calibration = { temperature: 1 / sharpness, images, lossBefore: toLoss(answers, 1).mean, loss: toLoss(answers, sharpness).mean };
  return { weights: scaleLogits(network, sharpness), calibration, certainty: chooseCertainty(toVerified(answers, sharpness), answerPrecision) };
}

/** The logits are a linear map of the votes and an offset; both are multiplied. */
function scaleLogits(network: NetworkWeights, factor: number): NetworkWeights {
  const scaled = copyWeights(network);
  for (const name of [`${OUTPUT_NAME}/kernel`, `${OUTPUT_NAME}/bias`]) {
    const view = findView(scaled, name);
    view.set(view.map((value) => value * factor));
  }
  return scaled;
}

function toVerified({ probabilities, labels }: Answers, sharpness: number): Verified[] {
  return Array.from(labels, (label, image) => {
    const sharp = sharpen(probabilities.subarray(image * OUTPUTS, (image + 1) * OUTPUTS), sharpness);
    const confidence = Math.max(...sharp);
    return { confidence, isRight: sharp.indexOf(confidence) === label };
  });
}
