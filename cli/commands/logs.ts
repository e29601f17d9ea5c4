import { styleText } from 'node:util';
import { Command } from 'commander';
import { createEndSignal } from '../end-signal.ts';
import { openCluster } from '../open-cluster.ts';
import { wholeNumber } from '../whole-number.ts';

export function createLogsCommand(): Command {
  return new Command('logs')
    .description('the logs of all of the API\'s pods in the cluster, each line with its pod')
    .option('-f, --follow', 'go on with what is written from now on, also by pods that come later', false)
    .option('--tail <lines>', 'begin with so many lines of each pod', wholeNumber(0), 100)
    .action(async ({ follow, tail }: { follow: boolean; tail: number }) => {
      const { followLogs } = await import('../../adapters/kubernetes/follow-logs.ts');
      const onLine = ({ pod, text }: { pod: string; text: string }) => {
        console.log(`${styleText('dim', toShortName(pod))} ${text}`);
      };
      await followLogs(await openCluster(), { follow, tailLines: tail, signal: createEndSignal(), onLine });
    });
}

/** What tells pods of one Deployment apart: `5d8f9c7b6-x2k4q` of `barometer-api-5d8f9c7b6-x2k4q`. */
function toShortName(pod: string): string {
  return pod.split('-').slice(-2).join('-');
}
