import { Command } from 'commander';
import type { RolloutStatus } from '../../adapters/kubernetes/read-rollout.ts';
import { loadConfig } from '../../config/config.ts';
import { createEndSignal } from '../end-signal.ts';
import { openCluster } from '../open-cluster.ts';
import { toJson } from '../output/format.ts';
import { createProgressLine } from '../output/progress-line.ts';
import { toRelease, toRolloutText } from '../output/rollout-text.ts';
import { wholeNumber } from '../whole-number.ts';

export function createRolloutCommand(): Command {
  const status = new Command('status')
    .description('what runs in the cluster: release, pods with their troubles, and the revisions that can be gone back to (also what `barometer rollout` alone prints)')
    .option('--json', 'print JSON')
    .action(showStatus);
  return new Command('rollout')
    .description('what runs in the cluster, and back to what ran before')
    .addCommand(status, { isDefault: true })
    .addCommand(
      new Command('undo')
        .description('let an earlier revision run again, and wait until it does')
        .option('--to <revision>', 'its number, as `barometer rollout status` lists it (default: the one before)', wholeNumber(1))
        .option('--json', 'print JSON')
        .action(undo),
    );
}

async function showStatus({ json }: { json?: true }): Promise<void> {
  const { readRollout } = await import('../../adapters/kubernetes/read-rollout.ts');
  const status: RolloutStatus = await readRollout(await openCluster());
  console.log(json ? toJson(status) : toRolloutText(status));
  if (status.phase === 'failed') process.exitCode = 1;
}

async function undo({ to, json }: { to?: number; json?: true }): Promise<void> {
  const { undoRollout } = await import('../../adapters/kubernetes/undo-rollout.ts');
  const { deadlineMs } = loadConfig().cluster;
  const progress = createProgressLine();
  const undone = await undoRollout(await openCluster(), {
    ...(to === undefined ? {} : { revision: to }),
    signal: createEndSignal(),
    deadlineMs,
    onProgress: progress.show,
  }).finally(progress.end);
  console.log(json ? toJson(undone) : `Revision ${undone.revision} runs again: ${toRelease(undone.to)}. Before: ${toRelease(undone.from)}.`);
}
