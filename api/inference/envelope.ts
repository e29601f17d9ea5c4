import type { Context } from 'koa';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { hasBody, readBody, refuseEncoded } from '../read-body.ts';
import type { InferenceAnswer, InferenceRequest } from './messages.ts';
import { inferenceRequestSchema } from './messages.ts';
import type { OutputTensor } from './tensors.ts';
import { toBinaryOutput, toJsonOutput } from './tensors.ts';

export interface ReceivedRequest extends InferenceRequest {
  /** The data of the one input, where they came after the JSON. */
  readonly binary: Uint8Array | null;
}

/** How much JSON is parsed at once: more would keep other requests waiting. Larger data come after it. */
export const MOST_JSON_BYTES = 4 * 1024 * 1024;

/** How long the JSON is, where binary data follow it. */
const JSON_LENGTH = 'Inference-Header-Content-Length';

/**
 * Reads a request of the Open Inference Protocol: JSON, and binary data after it where its length is said.
 *
 * @throws Failure `input-invalid`, `image-too-large`, `image-unsupported`
 */
export async function readInferenceRequest(ctx: Context, maxBinaryBytes: number): Promise<ReceivedRequest> {
  if (!hasBody(ctx.req)) throw new Failure('input-invalid', 'The request has no body: it takes JSON with "inputs".');
  refuseEncoded(ctx);
  const given = ctx.get(JSON_LENGTH);
  const maxBytes = given === '' ? MOST_JSON_BYTES : MOST_JSON_BYTES + maxBinaryBytes;
  const body = await readBody(ctx, maxBytes, () => toTooLarge(maxBytes));
  const jsonBytes = given === '' ? body.byteLength : toJsonLength(given, body.byteLength);
  if (jsonBytes > MOST_JSON_BYTES) throw toTooLarge(MOST_JSON_BYTES);
  const request = parse(body.subarray(0, jsonBytes));
  return { ...request, binary: toBinary(request, body.subarray(jsonBytes)) };
}

function toTooLarge(maxBytes: number): Failure {
  return new Failure('image-too-large', `At most ${MOST_JSON_BYTES} bytes of JSON and ${maxBytes} in all are read; send data that take more in the binary form.`);
}

function toJsonLength(given: string, whole: number): number {
  const length = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (length <= whole) return length;
  throw new Failure('input-invalid', `${JSON_LENGTH} must be the length of the JSON, within the ${whole} bytes of the body.`);
}

function parse(bytes: Buffer): InferenceRequest {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch (cause) {
    throw new Failure('input-invalid', 'The body is not JSON.', { cause });
  }
  const parsed = inferenceRequestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Failure('input-invalid', `The request is not one of the Open Inference Protocol: ${z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')}`);
}

function toBinary({ inputs: [input] }: InferenceRequest, rest: Uint8Array): Uint8Array | null {
  const size = input?.parameters?.['binary_data_size'];
  if (size === undefined && rest.byteLength === 0) return null;
  if (size === rest.byteLength) return rest;
  throw new Failure('input-invalid', `${rest.byteLength} bytes came after the JSON, and "binary_data_size" is ${size ?? 'not there'}.`);
}

/**
 * Answers with those of the outputs that are wanted, each in the form in which it is.
 *
 * @throws Failure `input-invalid` when an output is wanted that there is not
 */
export function answerInference(ctx: Context, request: InferenceRequest, answer: Omit<InferenceAnswer, 'outputs' | 'id'>, all: readonly OutputTensor[]): void {
  const isBinaryByDefault = request.parameters?.['binary_data_output'] === true;
  const outputs: InferenceAnswer['outputs'] = [];
  const binaries: Buffer[] = [];
  for (const { name, parameters } of request.outputs ?? all.map((output) => ({ name: output.name, parameters: undefined }))) {
    const found = all.find((output) => output.name === name);
    if (found === undefined) throw new Failure('input-invalid', `There is no output "${name}"; there are ${all.map((output) => output.name).join(', ')}.`);
    if ((parameters?.['binary_data'] ?? isBinaryByDefault) === true) {
      const { output, bytes } = toBinaryOutput(found);
      outputs.push(output);
      binaries.push(bytes);
    } else {
      outputs.push(toJsonOutput(found));
    }
  }
  const message: InferenceAnswer = { ...answer, ...(request.id !== undefined && { id: request.id }), outputs };
  if (binaries.length === 0) {
    ctx.body = message;
    return;
  }
  const json = Buffer.from(JSON.stringify(message));
  ctx.body = Buffer.concat([json, ...binaries]);
  ctx.type = 'application/octet-stream';
  ctx.set(JSON_LENGTH, String(json.byteLength));
}
