import { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before } from 'mocha';
import { installRuntime } from '../../adapters/temporal/runtime.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';

/**
 * A real Temporal server for the tests of a file: started before them on a free port, ended after them.
 * The executable is the one that set-up found (BAROMETER_TEMPORAL_CLI), or `temporal` on the path.
 */
export function useTemporal({ extraArgs = [] }: { readonly extraArgs?: readonly string[] } = {}): { readonly env: TestWorkflowEnvironment } {
  let env: TestWorkflowEnvironment | undefined;

  before('start a Temporal server', async () => {
    installRuntime('error');
    env = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: process.env['BAROMETER_TEMPORAL_CLI'] ?? 'temporal' },
        extraArgs: [...extraArgs],
        searchAttributes: Object.values(SEARCH_ATTRIBUTES),
      },
    });
  });

  after('end the Temporal server', async () => {
    await env?.teardown();
  });

  return {
    get env() {
      if (env === undefined) throw new Error('the Temporal server is not started yet');
      return env;
    },
  };
}
