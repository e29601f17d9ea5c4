import type { GitSha } from '../domain/git-sha.ts';
import { toPipelineWorkflowId } from '../domain/names.ts';

export interface FindRunUnderWayDependencies {
  /** The run id of the execution under way by this workflow id; null when there is none. */
  readonly findUnderWay: (workflowId: string) => Promise<string | null>;
  /** The commit of this code. */
  readonly readOwnCommit: () => Promise<GitSha>;
}

export interface CommitToRun {
  readonly gitSha: GitSha;
  /** Of its run that is under way; null when there is none. */
  readonly runId: string | null;
}

export type FindRunUnderWayActivities = ReturnType<typeof createFindRunUnderWayActivities>;

export function createFindRunUnderWayActivities({ findUnderWay, readOwnCommit }: FindRunUnderWayDependencies) {
  return {
    /** The commit that a scheduled run is for, this code's own when none was named, and its run that is under way. */
    async findRunUnderWay({ gitSha: named }: { readonly gitSha: GitSha | null }): Promise<CommitToRun> {
      const gitSha = named ?? (await readOwnCommit());
      return { gitSha, runId: await findUnderWay(toPipelineWorkflowId(gitSha)) };
    },
  };
}
