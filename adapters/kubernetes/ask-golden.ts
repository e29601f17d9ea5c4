import { z } from 'zod';
import { perEmotion } from '../../domain/emotion.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import type { GoldenPrediction } from '../../domain/golden.ts';
import { LARGEST_GOLDEN_DIFFERENCE, toGoldenDifference } from '../../domain/golden.ts';
import { readApiState } from './api-state.ts';
import type { Cluster } from './cluster.ts';
import { toPort } from './forward-service.ts';
import { API } from './names.ts';
import { pause } from './pause.ts';
import { readyNewPods } from './rollout-progress.ts';

export interface GoldenQuestions {
  readonly modelVersion: number;
  readonly predictions: readonly GoldenPrediction[];
}

export interface AskGoldenOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (note: string) => void;
  /** Right after a rollout the service may still route to a pod that is on its way out, or a pod may be gone again. */
  readonly settleMs: number;
  readonly pollMs: number;
}

/** Of what the API answers to /predict, what matters here. */
const answerSchema = z.object({ probabilities: perEmotion(z.number()), model: z.object({ version: z.number() }) });

/** Of the API's own words, as apart from the API server's, which passes them on. */
const apiProblemSchema = z.object({ type: z.string().startsWith('urn:barometer:problem:') });

/**
 * Asks each new pod and then the service, all through the API server's proxy, for the golden predictions: of whole images, as
 * they were evaluated.
 *
 * @throws Failure `rollout-failed` saying who answered what instead
 */
export async function askGolden(cluster: Cluster, questions: GoldenQuestions, options: AskGoldenOptions): Promise<void> {
  const root = `/api/v1/namespaces/${cluster.namespace}`;
  const { signal, onProgress } = options;
  onProgress('asks the new pods for golden predictions');
  const pods = readyNewPods(await readApiState(cluster, { signal }));
  for (const pod of pods) {
    const path = `${root}/pods/http:${pod.metadata.name}:${toPort(pod)}/proxy/predict?faces=never`;
    await untilRight(() => ask(cluster, path, `pod ${pod.metadata.name}`, questions, signal), options);
  }
  onProgress('asks the service for golden predictions');
  const path = `${root}/services/http:${API.service}:${API.port}/proxy/predict?faces=never`;
  await untilRight(() => ask(cluster, path, 'the service', questions, signal), options);
}

/** Tries again for a while: only an answer that stays wrong is one. */
async function untilRight(work: () => Promise<void>, { signal, settleMs, pollMs, onProgress }: AskGoldenOptions): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      const mayPass = isFailure(error, 'rollout-failed') || isFailure(error, 'dependency-unavailable');
      if (!mayPass || performance.now() - startedAt >= settleMs) throw error;
      onProgress(error.message);
    }
    await pause(pollMs, signal);
  }
}

async function ask(cluster: Cluster, path: string, who: string, { modelVersion, predictions }: GoldenQuestions, signal: AbortSignal): Promise<void> {
  for (const [index, { image, probabilities }] of predictions.entries()) {
    const body = Buffer.from(image, 'base64');
    const { status, bytes } = await cluster.send({ method: 'POST', path, body, contentType: toContentType(body), what: who, signal });
    const which = `golden prediction ${index + 1} of ${predictions.length}`;
    // The API knows the golden images of its own model, and asks for a key with all others: it serves another model, then.
    if (status === 401 && apiProblemSchema.safeParse(parse(bytes)).success) {
      throw new Failure('rollout-failed', `Asked for ${which}, ${who} wanted a key: it does not know the image, and so serves another model than version ${modelVersion}.`);
    }
    if (status === 401 || status === 403) throw new Failure('access-denied', `We may not ask ${who} through the API server's proxy. Grant create on services/proxy and pods/proxy.`);
    if (status !== 200) throw new Failure('rollout-failed', `Asked for ${which}, ${who} answered with status ${status}.`);
    const answer = answerSchema.safeParse(parse(bytes)).data;
    if (answer === undefined) throw new Failure('rollout-failed', `Asked for ${which}, ${who} answered with something else than a prediction.`);
    if (answer.model.version !== modelVersion) {
      throw new Failure('rollout-failed', `Asked for ${which}, ${who} answered with version ${answer.model.version} of the model instead of ${modelVersion}.`);
    }
    const difference = toGoldenDifference(probabilities, answer.probabilities);
    if (!(difference < LARGEST_GOLDEN_DIFFERENCE)) {
      throw new Failure('rollout-failed', `Asked for ${which}, ${who} answered otherwise than the model's card says: a probability differs by ${difference.toPrecision(2)}.`);
    }
  }
}

function toContentType(file: Buffer): string {
  return file.subarray(0, 2).equals(Buffer.of(0xff, 0xd8)) ? 'image/jpeg' : 'image/png';
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}
