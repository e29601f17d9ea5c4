import { z } from 'zod';
import { gitShaSchema } from './git-sha.ts';

/** The steps whose work can be spared, because what comes out follows from what goes in. */
export type RememberedStep = 'ingest' | 'resize' | 'split' | 'train' | 'evaluate';

/** All that a step's output follows from: content digests, parameters, the version of its code. Plain JSON. */
export const stepInputsSchema = z.record(z.string(), z.unknown());
export type StepInputs = Readonly<Record<string, unknown>>;

/** What a step made once: whoever has the same inputs need not make it again. */
export const recollectionSchema = z.object({
  /** In plain words, for people: what is looked up by is their digest. */
  inputs: stepInputsSchema,
  output: z.object({
    /** Under which the output is filed: a run's, a data set's, a split's or a candidate's. */
    name: z.string(),
    /** Of its content: what lies there now must still have it. */
    digest: z.string(),
  }),
  /** The run that did the work, and its commit. */
  runName: z.string(),
  gitSha: gitShaSchema,
  createdAt: z.iso.datetime(),
});
export type Recollection = z.infer<typeof recollectionSchema>;

/**
 * One text for equal inputs, whatever the order in which they were put together; what it is looked up by is the digest of
 * this.
 */
export function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(',')}]`;
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => `${JSON.stringify(key)}:${toCanonicalJson(each)}`).join(',')}}`;
}
