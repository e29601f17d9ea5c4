import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';

/** Of the payload of `pull_request` and its kin (docs.github.com, "Webhook events and payloads"). */
const eventSchema = z.object({ pull_request: z.object({ number: z.int().positive() }).optional() });

/**
 * The pull request that a job is about; null when it is about none.
 *
 * @param eventPath where GitHub has put the event that started the job
 * @throws Failure `configuration-invalid` when that is no event
 */
export async function findPullRequest(eventPath: string): Promise<number | null> {
  try {
    return eventSchema.parse(JSON.parse(await readFile(eventPath, 'utf8'))).pull_request?.number ?? null;
  } catch (error) {
    throw new Failure('configuration-invalid', `The event of this job (GITHUB_EVENT_PATH, ${eventPath}) can't be read.`, { cause: error });
  }
}
