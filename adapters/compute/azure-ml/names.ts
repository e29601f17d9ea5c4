import { createHash } from 'node:crypto';
import type { GitSha } from '../../../domain/git-sha.ts';
import type { Container } from '../../../domain/names.ts';

/** Names of what Barometer makes in a workspace. They follow from what they name, so that who comes again finds it. */

/** Azure ML takes no longer version of a data asset. */
const MOST_VERSION_CHARACTERS = 30;

export const ENVIRONMENT_NAME = 'barometer-trainer';
export const EXPERIMENT_NAME = 'barometer';

/**
 * The job of one attempt to train a run: `barometer-20261124T015500Z-1a2b3c4`, then `…-2`, `…-3`. Jobs' names have no dots.
 *
 * @param attempt counts the jobs of the run from 1
 */
export function toJobName(runName: string, attempt: number): string {
  const name = `barometer-${runName.replaceAll(/[^a-zA-Z0-9_-]/g, '-')}`;
  return attempt === 1 ? name : `${name}-${attempt}`;
}

/** A version of ours as an asset's version: the same where it is short enough, else its beginning and a digest. */
export function toAssetVersion(version: string): string {
  if (version.length <= MOST_VERSION_CHARACTERS) return version;
  return `${version.slice(0, MOST_VERSION_CHARACTERS - 9)}-${toShortDigest(version)}`;
}

/** Another repository of the same commit's image is another environment. */
export function toEnvironmentVersion(gitSha: GitSha, image: string): string {
  return `${gitSha.slice(0, 12)}-${toShortDigest(image)}`;
}

/** Datastores' names have neither dots nor dashes. */
export function toDatastoreName(container: Container): string {
  return `barometer_${container}`;
}

function toShortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
