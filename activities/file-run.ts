import type { FiledRun } from '../domain/filed-run.ts';

export interface FileRunDependencies {
  readonly runs: {
    saveFiledRun(run: FiledRun): Promise<void>;
  };
}

export type FileRunActivities = ReturnType<typeof createFileRunActivities>;

export function createFileRunActivities({ runs }: FileRunDependencies) {
  return {
    /** Keeps what became of a run with what it made. */
    async fileRun(run: FiledRun): Promise<void> {
      await runs.saveFiledRun(run);
    },
  };
}
