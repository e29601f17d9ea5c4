import { once } from 'node:events';
import { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { createEndSignal } from '../end-signal.ts';
import { openCluster } from '../open-cluster.ts';
import { toErrorText } from '../output/error-text.ts';
import { wholeNumber } from '../whole-number.ts';

export function createPortForwardCommand(): Command {
  return new Command('port-forward')
    .description('let a port of this machine reach the API in the cluster, until ctrl-C; a rollout meanwhile goes by unnoticed')
    .option('--port <port>', 'on this machine; 0 takes a free one (default: BAROMETER_API_PORT)', wholeNumber(0, 65_535))
    .action(async ({ port }: { port?: number }) => {
      const { forwardService } = await import('../../adapters/kubernetes/forward-service.ts');
      const signal = createEndSignal();
      const forward = await forwardService(await openCluster(), {
        port: port ?? loadConfig().api.port,
        onProblem: (problem) => {
          console.error(toErrorText(problem));
        },
      });
      console.log(`http://127.0.0.1:${forward.port}/ leads to the API in the cluster; predictions at http://127.0.0.1:${forward.port}/predict. Ctrl-C ends it.`);
      if (!signal.aborted) await once(signal, 'abort');
      await forward.close();
    });
}
