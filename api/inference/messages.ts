import { z } from 'zod';
import { MOST_IMAGES } from '../answers.ts';

/**
 * The messages of the Open Inference Protocol, version 2, over HTTP, as KServe and Triton specify it. What the API takes and
 * gives of it: one input, tensors of three types, and binary data after the JSON as the extension `binary_tensor_data` says.
 */

export const PROTOCOL_EXTENSIONS = ['binary_tensor_data'] as const;

const DATATYPES = ['UINT8', 'FP32', 'BYTES'] as const;

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).meta({ description: 'Whatever is agreed beside the tensors.' });

const dimensionSchema = z.int().nonnegative();

const inputSchema = z.object({
  name: z.string(),
  shape: z.array(dimensionSchema).min(1).max(4),
  datatype: z.string(),
  parameters: parametersSchema.optional().meta({ description: '`binary_data_size`: so many bytes after the JSON are the data.' }),
  data: z.array(z.unknown()).optional().meta({ description: 'Row by row, nested or not. BYTES are base64.' }),
});
export type InferenceInput = z.infer<typeof inputSchema>;

const wantedOutputSchema = z.object({
  name: z.string(),
  parameters: parametersSchema.optional().meta({ description: '`binary_data`: whether the data are to come after the JSON.' }),
});

export const inferenceRequestSchema = z
  .object({
    id: z.string().max(128).optional(),
    parameters: parametersSchema.optional().meta({ description: '`binary_data_output`: all outputs are to come after the JSON. The model `emotions-scene` takes `faces` and `tiles` as /predict does.' }),
    inputs: z.array(inputSchema).length(1).meta({ description: `The one input of the model, with up to ${MOST_IMAGES} images.` }),
    outputs: z.array(wantedOutputSchema).max(16).optional().meta({ description: 'Those that are wanted; all of them when none is named.' }),
  })
  .meta({ id: 'InferenceRequest', description: 'A request of the Open Inference Protocol.' });
export type InferenceRequest = z.infer<typeof inferenceRequestSchema>;

export const inferenceAnswerSchema = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(
      z.object({
        name: z.string(),
        shape: z.array(dimensionSchema),
        datatype: z.enum(DATATYPES),
        parameters: parametersSchema.optional(),
        data: z.array(z.union([z.string(), z.number()])).optional().meta({ description: 'Row by row; BYTES are text.' }),
      }),
    ),
  })
  .meta({ id: 'InferenceAnswer', description: 'An answer of the Open Inference Protocol.' });
export type InferenceAnswer = z.infer<typeof inferenceAnswerSchema>;

const tensorMetadataSchema = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int()).meta({ description: '-1 is as many as there are images.' }),
  parameters: parametersSchema.optional(),
});
export type TensorMetadata = z.infer<typeof tensorMetadataSchema>;

export const modelMetadataSchema = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorMetadataSchema),
    outputs: z.array(tensorMetadataSchema),
  })
  .meta({ id: 'InferenceModel', description: 'What a model of the Open Inference Protocol takes and gives.' });
export type ModelMetadata = z.infer<typeof modelMetadataSchema>;

export const serverMetadataSchema = z
  .object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'InferenceServer', description: 'What this server knows of the Open Inference Protocol.' });

export const serverLiveSchema = z.object({ live: z.literal(true) }).meta({ id: 'InferenceServerLive' });
export const serverReadySchema = z.object({ ready: z.literal(true) }).meta({ id: 'InferenceServerReady' });
export const modelReadySchema = z.object({ name: z.string(), ready: z.literal(true) }).meta({ id: 'InferenceModelReady' });
