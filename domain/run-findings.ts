import { z } from 'zod';
import { approvalStateSchema } from './approval.ts';
import { builtImageSchema } from './container-image.ts';
import { evaluationSchema } from './evaluation.ts';
import { gateDecisionSchema } from './gate.ts';

const registeredModelSchema = z.object({ name: z.string(), version: z.int().positive(), accuracy: z.number() }).readonly();
export type RegisteredModel = z.infer<typeof registeredModelSchema>;

const runReportSchema = z
  .object({
    evaluation: evaluationSchema,
    /** Both on the images that neither has seen; null when there is nothing to compare with. */
    champion: z.object({ version: z.int(), evaluation: evaluationSchema, candidate: evaluationSchema }).nullable(),
  })
  .readonly();
/** How the candidate did on unseen images, and the champion beside it. */
export type RunReport = z.infer<typeof runReportSchema>;

/** What steps make and later ones go by, as it stands in the state of a run and in the input of one that goes on from there. */
export const findingFields = {
  /** Where the list of raw images lies in the `processed` container. */
  inventory: z.string().nullable(),
  datasetVersion: z.string().nullable(),
  splitVersion: z.string().nullable(),
  /** The name under which the best network lies in the `runs` container. */
  candidate: z.string().nullable(),
  accuracy: z.number().nullable(),
  gate: gateDecisionSchema.nullable(),
  report: runReportSchema.nullable(),
  model: registeredModelSchema.nullable(),
  images: z.array(builtImageSchema).readonly(),
  /** Null when nobody is asked. */
  approval: approvalStateSchema.nullable(),
};
