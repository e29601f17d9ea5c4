import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { perEmotion } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';
import { verdictSchema } from '../domain/prediction.ts';

/** The part of the API's answer that the command line prints. */
const predictionSchema = z.looseObject({
  emotion: verdictSchema.nullable(),
  confidence: z.number().nullable(),
  probabilities: perEmotion(z.number()).nullable(),
  source: z.string(),
  /** APIs of before there were faces say nothing of them. */
  faces: z
    .array(
      z.looseObject({
        box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
        emotion: verdictSchema,
        probabilities: perEmotion(z.number()),
        quality: z.array(z.string()),
      }),
    )
    .default([]),
  model: z.looseObject({ name: z.string(), version: z.number() }),
});
export type Prediction = z.infer<typeof predictionSchema>;

const problemSchema = z.looseObject({ title: z.string(), detail: z.string().optional() });

const REQUEST_LIMIT_MS = 30_000;

/** What to look at in an image, and how closely; the API's own choice where nothing is said. */
export interface Looking {
  readonly faces?: string;
  readonly tiles?: string;
}

export interface PredictionServer {
  readonly url: string;
  /** Null where none is asked for. */
  readonly key: string | null;
}

/**
 * Asks the API which emotions an image shows.
 *
 * @throws Failure `dependency-unavailable` when the API does not answer, `access-denied` when it asks for another key, `input-invalid`
 *   with its words when it refuses the image
 */
export async function predictBytes({ url, key }: PredictionServer, image: Uint8Array, looking: Looking = {}): Promise<Prediction> {
  const response = await fetch(`${url}/predict?${new URLSearchParams({ ...looking }).toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...(key !== null && { 'x-api-key': key }) },
    body: Buffer.from(image),
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  }).catch((error: unknown) => {
    throw new Failure('dependency-unavailable', `The API at ${url} does not answer. Start it with \`npm start\`, or set BAROMETER_API_URL.`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return predictionSchema.parse(answer);
  if (response.status === 401) {
    const wrong = key === null ? 'answers only those who have a key' : 'does not take the key in BAROMETER_API_KEY';
    throw new Failure('access-denied', `The API at ${url} ${wrong}. Set BAROMETER_API_KEY to one that \`barometer keys create --venue NAME\` has made.`);
  }
  const problem = problemSchema.safeParse(answer);
  const words = problem.success ? (problem.data.detail ?? problem.data.title) : `HTTP status ${response.status}`;
  throw new Failure('input-invalid', words);
}

export async function predictFile(server: PredictionServer, file: string, looking: Looking): Promise<Prediction> {
  const image = await readFile(file).catch((error: unknown) => {
    throw new Failure('input-invalid', `The file can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, { cause: error });
  });
  return predictBytes(server, image, looking);
}
