import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { perEmotion, emotionSchema } from '../domain/emotion.ts';
import { Failure } from '../domain/failure.ts';

/** The part of the API's answer that the command line prints. */
const predictionSchema = z.looseObject({
  emotion: emotionSchema,
  confidence: z.number(),
  probabilities: perEmotion(z.number()),
  source: z.string(),
  model: z.looseObject({ name: z.string(), version: z.number() }),
});
export type Prediction = z.infer<typeof predictionSchema>;

const problemSchema = z.looseObject({ title: z.string(), detail: z.string().optional() });

const REQUEST_LIMIT_MS = 30_000;

/**
 * Asks the API which emotion an image shows.
 *
 * @throws Failure `dependency-unavailable` when the API does not answer, `input-invalid` with its words when it refuses
 */
export async function predictBytes(apiUrl: string, image: Uint8Array): Promise<Prediction> {
  const response = await fetch(`${apiUrl}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.from(image),
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  }).catch((error: unknown) => {
    throw new Failure('dependency-unavailable', `The API at ${apiUrl} does not answer. Start it with \`npm start\`, or set BAROMETER_API_URL.`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return predictionSchema.parse(answer);
  const problem = problemSchema.safeParse(answer);
  const words = problem.success ? (problem.data.detail ?? problem.data.title) : `HTTP status ${response.status}`;
  throw new Failure('input-invalid', words);
}

export async function predictFile(apiUrl: string, file: string): Promise<Prediction> {
  const image = await readFile(file).catch((error: unknown) => {
    throw new Failure('input-invalid', `The file can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, { cause: error });
  });
  return predictBytes(apiUrl, image);
}
