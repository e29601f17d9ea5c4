import { after, before } from 'mocha';
import { toReport } from '../../../setup/problem.js';
import type { ActOptions, RunningJob } from './act.ts';
import { startJob } from './act.ts';
import { ensureAct } from './programs.ts';
import type { Workspace } from './workspace.ts';
import { createWorkspace } from './workspace.ts';

/** To build it, where that is necessary. */
const SETUP_LIMIT_MS = 900_000;

export interface Act {
  readonly workspace: Workspace;
  start(options: Omit<ActOptions, 'act' | 'workspace'>): RunningJob;
}

/**
 * Executes this repository's workflows, for the tests of a file. Where act can't be had they are skipped, and say why; with
 * BAROMETER_TEST_GITHUB=required they fail.
 */
export function useAct(): Act {
  const jobs: RunningJob[] = [];
  let act: string | undefined;
  let workspace: Workspace | undefined;

  before('get act, and a checkout', async function () {
    this.timeout(SETUP_LIMIT_MS);
    try {
      act = await ensureAct();
    } catch (error) {
      if (process.env['BAROMETER_TEST_GITHUB'] === 'required') throw error;
      console.error(`These tests are skipped: act, which executes workflows, can't be built. ${toReport(error)}`);
      this.skip();
    }
    workspace = createWorkspace();
  });

  after('end what is left', () => {
    for (const job of jobs) job.kill();
    workspace?.remove();
  });

  function running(): Workspace {
    if (workspace === undefined) throw new Error('There is no checkout yet');
    return workspace;
  }

  return {
    get workspace() {
      return running();
    },
    start(options) {
      const job = startJob({ ...options, act: act!, workspace: running() });
      jobs.push(job);
      return job;
    },
  };
}
