import type { WorkerOptions } from '@temporalio/worker';
import type { TemporalConnection } from '../adapters/temporal/connection.ts';
import type { PolledQueue } from '../adapters/temporal/worker-versions.ts';
import { joinWorkerVersions } from '../adapters/temporal/worker-versions.ts';
import type { Config } from '../config/config.ts';
import { WORKER_DEPLOYMENT } from '../domain/names.ts';
import { readBuildId } from './build-id.ts';

export interface Versioning {
  /** What each worker of this process tells the server of itself. */
  readonly options: Pick<WorkerOptions, 'workerDeploymentOptions'>;
  /** Called when the workers poll: done when the server knows it. The first version of all gets the new runs. Never rejects. */
  begin(temporal: TemporalConnection, polled: readonly PolledQueue[]): Promise<void>;
}

/** Servers write down a new worker within a second or two. */
const NOTICE_LIMIT_MS = 30_000;

/**
 * Lets runs be finished by workers of the commit that began them, where that is switched on.
 *
 * @throws Failure `configuration-invalid` when this code's commit can't be told
 */
export async function createVersioning({ workers, code, temporal: { namespace } }: Pick<Config, 'workers' | 'code' | 'temporal'>, say: (message: string) => void, signal: AbortSignal): Promise<Versioning> {
  if (!workers.versioning) return { options: {}, begin: () => Promise.resolve() };
  const buildId = await readBuildId(code);
  return {
    options: {
      workerDeploymentOptions: {
        version: { deploymentName: WORKER_DEPLOYMENT, buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED',
      },
    },
    async begin({ connection }, polled) {
      try {
        const current = await joinWorkerVersions({ connection, namespace }, buildId, polled, NOTICE_LIMIT_MS);
        if (current !== buildId) say(`New runs go to the workers of ${current}; \`barometer workers promote ${buildId}\` lets them come here.`);
      } catch (error) {
        // The work goes on without: a person may promote the version as well.
        if (!signal.aborted) say(error instanceof Error ? error.message : String(error));
      }
    },
  };
}
