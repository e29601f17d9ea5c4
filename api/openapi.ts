import { z } from 'zod';
import { EMOTIONS } from '../domain/emotion.ts';
import { batchAnswerSchema, healthAnswerSchema, MOST_IMAGES, modelAnswerSchema, predictionAnswerSchema, predictQuerySchema, readinessAnswerSchema } from './answers.ts';
import { describeInference, INFERENCE_SCHEMAS, INFERENCE_TAG } from './openapi-inference.ts';
import { describeVenues, PLACE_FIELDS, PLACE_HEADERS, VENUE_SCHEMAS, VENUE_TAG } from './openapi-venues.ts';
import { describeAccess, SECURITY_SCHEMES } from './openapi-access.ts';
import { imageProblemSchema, PROBLEM_CONTENT_TYPE, problemSchema } from './problem.ts';

type Json = Record<string, unknown>;

const SCHEMAS = {
  Prediction: predictionAnswerSchema,
  Face: predictionAnswerSchema.shape.faces.element,
  PredictionBatch: batchAnswerSchema,
  ImageProblem: imageProblemSchema,
  Model: modelAnswerSchema,
  ModelManifest: modelAnswerSchema.shape.manifest,
  ModelCard: modelAnswerSchema.shape.card,
  Health: healthAnswerSchema,
  Readiness: readinessAnswerSchema,
  ...VENUE_SCHEMAS,
  ...INFERENCE_SCHEMAS,
  Problem: problemSchema,
} as const;

const IMAGE = { type: 'string', format: 'binary', description: 'JPEG, PNG, WebP, GIF or AVIF.' };

const PREDICT = {
  tags: ['Expressions'],
  summary: 'Tell which expressions an image shows',
  description:
    `Finds the faces in an image and answers for each, and for all of them together, with a probability for each of ${EMOTIONS.join(', ')}. ` +
    'Images are worked on in memory and kept nowhere. Where the camera is named and has staff areas, faces in them are left out, and the whole image is never looked at.',
  operationId: 'predict',
  parameters: [...Object.entries(predictQuerySchema.shape).map(([name, schema]) => toParameter(name, schema)), ...PLACE_HEADERS],
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: { type: 'object', properties: { image: IMAGE, ...PLACE_FIELDS }, required: ['image'], description: 'One file; its field may have any name.' },
      },
      'image/*': { schema: IMAGE },
      'application/octet-stream': { schema: IMAGE },
    },
  },
  responses: {
    200: json('The answer.', 'Prediction'),
    400: problem('A parameter or a camera that there is not, no image, several images, or one that is damaged or cut short.'),
    403: problem('The venue is not that of the key.'),
    413: problem('More bytes or more pixels than allowed.'),
    415: problem('Not an image of a kind that can be read.'),
    500: problem('Our fault.'),
    503: retryLater('No model is loaded yet, or too many images are being worked on.'),
  },
};

const PREDICT_BATCH = {
  ...PREDICT,
  summary: `Tell which expressions each of up to ${MOST_IMAGES} images shows`,
  description:
    'As /predict, for several images at once, which the same model answers. An image that can\'t be read does not keep the others from being answered. ' +
    'Counts as many requests as it holds images.',
  operationId: 'predictBatch',
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          properties: { images: { type: 'array', items: IMAGE, minItems: 1, maxItems: MOST_IMAGES }, ...PLACE_FIELDS },
          required: ['images'],
          description: 'The files, all together at most four times as large as one may be; their fields may have any names.',
        },
      },
    },
  },
  responses: {
    ...PREDICT.responses,
    200: json('The answers.', 'PredictionBatch'),
    400: problem('A parameter or a camera that there is not, no image, or too many.'),
    413: problem('More bytes than allowed, in one image or all together.'),
    415: problem('A body that is no form and no image.'),
  },
};

/** The document behind /docs: OpenAPI 3.1, its schemas made from those that the answers' types come from. */
export function createOpenApiDocument(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Barometer',
      version: '1',
      description: 'Which expressions the people in a picture show. Failures are problem documents (RFC 9457); programs go by their `kind`.',
    },
    tags: [
      { name: 'Expressions', description: 'Ask about an image.' },
      VENUE_TAG,
      INFERENCE_TAG,
      { name: 'Model', description: 'Who answers, and how well.' },
      { name: 'Operations', description: 'For the machines that keep this running.' },
    ],
    paths: describeAccess({
      '/predict': { post: PREDICT },
      '/predict/batch': { post: PREDICT_BATCH },
      ...describeVenues({ json, problem, retryLater }),
      ...describeInference({ json, problem, retryLater, toReference }),
      '/model': get('Model', 'getModel', 'The model that answers now, with its card', json('The model.', 'Model'), true),
      '/model/curves.svg': get('Model', 'getCurves', 'How its training went, as a picture', picture(), true, true),
      '/model/confusion.svg': get('Model', 'getConfusion', 'What it takes for what, as a picture', picture(), true, true),
      '/model/reliability.svg': get('Model', 'getReliability', 'How often it is right by how sure it is, as a picture', picture(), true, true),
      '/healthz': get('Operations', 'getHealth', 'Is the process alive?', json('It is.', 'Health')),
      '/readyz': get('Operations', 'getReadiness', 'Can it answer? Only with a model that is warmed up', json('It can.', 'Readiness'), true),
      '/metrics': get('Operations', 'getMetrics', 'Figures for Prometheus', {
        description: 'Prometheus text format.',
        content: { 'text/plain': { schema: { type: 'string' } } },
      }),
    }, problem),
    components: { schemas: toComponents(), securitySchemes: SECURITY_SCHEMES },
  };
}

function toParameter(name: string, parameter: z.ZodType): Json {
  const { $schema: _dialect, description, ...schema } = z.toJSONSchema(parameter);
  return { name, in: 'query', description, schema };
}

function get(tag: string, operationId: string, summary: string, answer: Json, needsModel = false, mayLack = false): Json {
  const responses = {
    200: answer,
    ...(mayLack && { 404: problem('The version holds no such picture.') }),
    ...(needsModel && { 503: retryLater('No model is loaded.') }),
  };
  return { get: { tags: [tag], operationId, summary, responses } };
}

function json(description: string, schema: keyof typeof SCHEMAS): Json {
  return { description, content: { 'application/json': { schema: { $ref: toReference(schema) } } } };
}

function problem(description: string): Json {
  return { description, content: { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: toReference('Problem') } } } };
}

function retryLater(description: string): Json {
  const header = { description: 'Seconds to wait before asking again.', schema: { type: 'integer' } };
  return { ...problem(description), headers: { 'Retry-After': header } };
}

function picture(): Json {
  return { description: 'The picture.', content: { 'image/svg+xml': { schema: { type: 'string' } } } };
}

function toReference(id: string): string {
  return `#/components/schemas/${id}`;
}

function toComponents(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: toReference });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}
