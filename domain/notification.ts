import { z } from 'zod';
import { gitShaSchema } from './git-sha.ts';
import type { PipelineStep } from './pipeline.ts';
import type { RunState } from './run-state.ts';
import { PIPELINE_STEPS } from './pipeline.ts';
import { PIPELINE_OUTCOMES } from './run-state.ts';
import { toFailedStep } from './retry.ts';
import { intervalSchema } from './statistics.ts';

/** What others may be told of a run. `rejected` is said by the gate, `not-approved` by a person or by the time limit. */
export const NOTIFICATION_EVENTS = ['approval-needed', 'succeeded', 'rejected', 'not-approved', 'failed', 'cancelled'] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

/** Who cancels a run knows of it; the others are news. */
export const DEFAULT_NOTIFICATION_EVENTS: readonly NotificationEvent[] = NOTIFICATION_EVENTS.filter((event) => event !== 'cancelled');

const runReferenceSchema = z.object({ name: z.string(), workflowId: z.string(), runId: z.string() });

/**
 * The JSON that a webhook's receiver gets: the contract with programs that are not ours. Within one `version` fields are
 * only ever added. It holds no secrets. What is not known, or not there, is null.
 */
export const notificationSchema = z.object({
  version: z.literal(1),
  /** The same at every attempt to deliver it, and in the header `webhook-id`: who has seen it may forget this one. */
  id: z.string(),
  /** `test` is what `barometer notify test` sends. */
  event: z.enum([...NOTIFICATION_EVENTS, 'test']),
  /** When it happened, not when it was delivered: ISO 8601 in UTC. */
  at: z.iso.datetime(),
  run: runReferenceSchema.extend({
    /** In the Temporal UI. */
    url: z.string(),
  }),
  gitSha: gitShaSchema,
  outcome: z.enum(PIPELINE_OUTCOMES).nullable(),
  /** Where the run failed, was cancelled or waits. */
  step: z.enum(PIPELINE_STEPS).nullable(),
  /** Why it failed, was turned away or was not approved, in plain words. */
  reason: z.string().nullable(),
  /** Of the candidate on images that it has not seen, from 0 to 1, and its 95 % interval. */
  accuracy: z.number().nullable(),
  accuracyInterval: intervalSchema.nullable(),
  /** The latest model before the run, and both on the images that neither has seen. */
  champion: z.object({ version: z.int(), accuracy: z.number(), candidateAccuracy: z.number() }).nullable(),
  /** What the run has registered. */
  model: z.object({ name: z.string(), version: z.int() }).nullable(),
  /** What the run has built, or found in the registry. */
  images: z.array(z.object({ image: z.string(), reference: z.string(), digest: z.string() })),
  /** What the run has rolled out. */
  release: z.object({ modelVersion: z.int(), image: z.string() }).nullable(),
  /** How the run stands that a person must let through, and the commands that do. */
  approval: z
    .object({
      decision: z.enum(['approved', 'rejected']).nullable(),
      by: z.string().nullable(),
      /** Nobody having decided by then counts as a no. */
      deadline: z.iso.datetime(),
      approve: z.string(),
      reject: z.string(),
    })
    .nullable(),
});
export type Notification = z.infer<typeof notificationSchema>;

/** A notification on its way through a workflow, which knows no address that people could open. */
export type Announcement = Omit<Notification, 'id' | 'run'> & { readonly run: z.infer<typeof runReferenceSchema> };

export interface Occasion {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly workflowId: string;
  readonly runId: string;
  /** Where it happened; by the steps' states when not given. */
  readonly step?: PipelineStep | undefined;
  /** Why; by what the run knows of it when not given. */
  readonly reason?: string | undefined;
}

/** What there is to say of a run in the state that it is in. */
export function toAnnouncement(state: RunState, event: NotificationEvent, occasion: Occasion): Announcement {
  const { runName, gitSha, outcome, accuracy, report, model, images, release, approval } = state;
  const champion = report?.champion ?? null;
  return {
    version: 1,
    event,
    at: occasion.at,
    run: { name: runName, workflowId: occasion.workflowId, runId: occasion.runId },
    gitSha,
    outcome,
    step: occasion.step ?? toStep(state, event),
    reason: occasion.reason ?? toReason(state, event),
    accuracy,
    accuracyInterval: report?.evaluation.accuracyInterval ?? null,
    champion:
      champion === null
        ? null
        : { version: champion.version, accuracy: champion.evaluation.accuracy, candidateAccuracy: champion.candidate.accuracy },
    model: model === null ? null : { name: model.name, version: model.version },
    images: images.map(({ image, reference, digest }) => ({ image, reference, digest })),
    release: release === null ? null : { modelVersion: release.modelVersion, image: `${release.image.reference}@${release.image.digest}` },
    approval:
      approval === null
        ? null
        : {
            decision: approval.decision,
            by: approval.by,
            deadline: approval.deadline,
            approve: `barometer approve ${runName}`,
            reject: `barometer reject ${runName} --reason "…"`,
          },
  };
}

function toStep(state: RunState, event: NotificationEvent): PipelineStep | null {
  if (event === 'approval-needed' || event === 'not-approved') return 'approve';
  if (event === 'rejected') return 'evaluate';
  return event === 'succeeded' ? null : toFailedStep(state);
}

function toReason(state: RunState, event: NotificationEvent): string | null {
  if (event === 'rejected') return state.gate?.reason ?? null;
  if (event === 'not-approved') return state.approval?.reason || null;
  if (event === 'approval-needed' || event === 'succeeded') return null;
  const step = toFailedStep(state);
  return state.steps.find((each) => each.step === step)?.note || null;
}
