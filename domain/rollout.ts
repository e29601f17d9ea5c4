import { z } from 'zod';
import { gitShaSchema } from './git-sha.ts';

/** Labels and annotations by which everything in the cluster says what it came from. */
export const ROLLOUT_MARKS = {
  gitSha: 'barometer.dev/git-sha',
  modelVersion: 'barometer.dev/model-version',
  runName: 'barometer.dev/run',
} as const;

/** The field manager of server-side apply: fields that a rollout sets belong to it. */
export const FIELD_MANAGER = 'barometer-rollout';

export const releaseSchema = z
  .object({
    gitSha: gitShaSchema,
    modelVersion: z.int(),
    image: z.object({ reference: z.string(), digest: z.string() }).readonly(),
  })
  .readonly();
/** What runs in a cluster, or should. */
export type Release = z.infer<typeof releaseSchema>;

export interface RolloutResult {
  /** False when the cluster was at that release already. */
  readonly changed: boolean;
  readonly replicas: number;
  /** Images that the new pods answered as the registry's card says. */
  readonly goldenPredictions: number;
}

/** An object of a cluster, as the cluster's API writes it. */
export const clusterObjectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
export type ClusterObject = z.infer<typeof clusterObjectSchema>;

/** Each object that a run's rollout sets, as it was before; null: it did not exist. */
export const beforeRolloutSchema = z.array(
  z.object({ apiVersion: z.string(), kind: z.string(), name: z.string(), was: clusterObjectSchema.nullable() }),
);
export type BeforeRollout = z.infer<typeof beforeRolloutSchema>;
