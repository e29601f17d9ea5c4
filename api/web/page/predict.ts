import type { PredictionAnswer } from '../../answers.ts';
import { request } from './request.ts';

interface PredictOptions {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks about one picture.
 *
 * @throws Refusal, or the reason of `signal` when that is aborted
 */
export async function predict(picture: Blob, { signal, headers = {} }: PredictOptions): Promise<PredictionAnswer> {
  const form = new FormData();
  form.append('image', picture);
  const response = await request('/predict', { method: 'POST', body: form, headers, signal });
  return (await response.json()) as PredictionAnswer;
}
