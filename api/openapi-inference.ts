import { MODEL_NAME } from '../domain/names.ts';
import { MOST_IMAGES } from './answers.ts';
import { inferenceAnswerSchema, inferenceRequestSchema, modelMetadataSchema, modelReadySchema, serverLiveSchema, serverMetadataSchema, serverReadySchema } from './inference/messages.ts';
import { PLACE_HEADERS } from './openapi-venues.ts';

type Json = Record<string, unknown>;

export const INFERENCE_SCHEMAS = {
  InferenceRequest: inferenceRequestSchema,
  InferenceAnswer: inferenceAnswerSchema,
  InferenceModel: modelMetadataSchema,
  InferenceModelReady: modelReadySchema,
  InferenceServer: serverMetadataSchema,
  InferenceServerLive: serverLiveSchema,
  InferenceServerReady: serverReadySchema,
} as const;

/** How the document words its answers; see openapi.ts. */
export interface Wording {
  readonly json: (description: string, schema: keyof typeof INFERENCE_SCHEMAS) => Json;
  readonly problem: (description: string) => Json;
  readonly retryLater: (description: string) => Json;
  readonly toReference: (schema: string) => string;
}

const TAG = 'Open Inference Protocol';

export const INFERENCE_TAG = { name: TAG, description: 'Version 2 of the protocol of KServe and Triton, with binary tensors, for clients and tools that speak it.' };

const NAME = { name: 'name', in: 'path', required: true, description: `${MODEL_NAME}: the network, which takes faces of 48x48 grey pixels. emotions-scene: all that /predict does.`, schema: { enum: [MODEL_NAME, 'emotions-scene'] }, example: MODEL_NAME };
const VERSION = { name: 'version', in: 'path', required: true, description: 'The one that is served; another is not found.', schema: { type: 'string' }, example: '1' };
const BINARY = { 'application/octet-stream': { schema: { type: 'string', format: 'binary', description: 'The JSON, and after it binary data; the header Inference-Header-Content-Length says how long the JSON is.' } } };

/** The paths of the Open Inference Protocol. */
export function describeInference({ json, problem, retryLater, toReference }: Wording): Record<string, Json> {
  const notServed = { 404: problem('There is no such model, or another version of it is served.'), 503: retryLater('No model is loaded.') };

  const get = (operationId: string, summary: string, responses: Json, parameters: readonly Json[] = []): Json => ({
    get: { tags: [TAG], operationId, summary, ...(parameters.length > 0 && { parameters }), responses },
  });

  function describeModel(suffix: string, parameters: readonly Json[]): Record<string, Json> {
    const path = `/v2/models/{name}${parameters.includes(VERSION) ? '/versions/{version}' : ''}`;
    const answer = json('The outputs that are wanted.', 'InferenceAnswer');
    return {
      [path]: get(`getInferenceModel${suffix}`, 'What a model takes and gives', { 200: json('It.', 'InferenceModel'), ...notServed }, parameters),
      [`${path}/ready`]: get(`getInferenceModelReady${suffix}`, 'Can a model answer?', { 200: json('It can.', 'InferenceModelReady'), ...notServed }, parameters),
      [`${path}/infer`]: {
        post: {
          tags: [TAG],
          operationId: `infer${suffix}`,
          summary: `Ask a model about up to ${MOST_IMAGES} images`,
          description: 'Counts as many requests as it holds images. An image that can\'t be read fails the request: /predict/batch answers the others.',
          parameters: [...parameters, ...PLACE_HEADERS],
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: toReference('InferenceRequest') } }, ...BINARY } },
          responses: {
            200: { ...answer, content: { ...(answer['content'] as Json), ...BINARY } },
            403: problem('The key is another venue\'s.'),
            400: problem('Not a request of the protocol, or not what the model takes; or an image that is damaged.'),
            413: problem('More bytes or more pixels than allowed.'),
            415: problem('Not an image of a kind that can be read, or a compressed body.'),
            500: problem('Our fault.'),
            ...notServed,
          },
        },
      },
    };
  }

  return {
    '/v2': get('getInferenceServer', 'What this server knows of the protocol', { 200: json('That.', 'InferenceServer') }),
    '/v2/health/live': get('getInferenceServerLive', 'Is the process alive?', { 200: json('It is.', 'InferenceServerLive') }),
    '/v2/health/ready': get('getInferenceServerReady', 'Can it answer?', { 200: json('It can.', 'InferenceServerReady'), 503: notServed[503] }),
    ...describeModel('', [NAME]),
    ...describeModel('OfVersion', [NAME, VERSION]),
  };
}
