import type { Given } from './setting.ts';
import { gitShaSchema } from '../domain/git-sha.ts';

/** What this process is made of. */
export const codeSettings = {
  /** The commit of this code, for where it lies in no git repository, as in an image. */
  BAROMETER_GIT_SHA: gitShaSchema.optional(),
};

export interface CodeConfig {
  /** Null: HEAD of the repository that the code lies in. */
  readonly gitSha: string | null;
}

export function toCodeConfig(given: Given<typeof codeSettings>): CodeConfig {
  return { gitSha: given.BAROMETER_GIT_SHA ?? null };
}
