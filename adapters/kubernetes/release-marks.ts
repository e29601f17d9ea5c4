import { gitShaSchema } from '../../domain/git-sha.ts';
import type { GitSha } from '../../domain/git-sha.ts';
import { ROLLOUT_MARKS } from '../../domain/rollout.ts';
import { API } from './names.ts';
import type { PodTemplate } from './objects.ts';

/** What an object in the cluster says that it came from; null where it does not say. */
export interface ReleaseMarks {
  readonly gitSha: GitSha | null;
  readonly modelVersion: number | null;
  /** As the pods were told to pull it, with its digest. */
  readonly image: string | null;
}

export function toReleaseMarks({ metadata, spec }: PodTemplate): ReleaseMarks {
  const { [ROLLOUT_MARKS.gitSha]: gitSha, [ROLLOUT_MARKS.modelVersion]: modelVersion } = metadata?.annotations ?? {};
  const version = Number(modelVersion);
  return {
    gitSha: gitShaSchema.safeParse(gitSha).data ?? null,
    modelVersion: Number.isInteger(version) && version > 0 ? version : null,
    image: spec.containers.find(({ name }) => name === API.container)?.image ?? null,
  };
}
