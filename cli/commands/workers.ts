import { Command } from 'commander';
import type { WorkerVersion, WorkerVersions } from '../../adapters/temporal/worker-versions.ts';
import { listWorkerVersions, promoteWorkerVersion } from '../../adapters/temporal/worker-versions.ts';
import { loadConfig } from '../../config/config.ts';
import { Failure } from '../../domain/failure.ts';
import { shortSha } from '../../domain/git-sha.ts';
import { toJson, toMinute } from '../output/format.ts';
import { toTable } from '../output/table.ts';
import { wholeNumber } from '../whole-number.ts';
import { withTemporal } from '../with-temporal.ts';

export function createWorkersCommand(): Command {
  return new Command('workers')
    .summary('versions of the workers: list, promote')
    .description('Lists the versions of the workers, by commit, and says which of them gets the new runs. That is so where BAROMETER_WORKER_VERSIONING is on.')
    .addCommand(
      new Command('list')
        .summary('all versions (also what `barometer workers` alone prints)')
        .description('Lists all versions, the newest first: which gets the new runs, which only finishes old ones, and which may be taken away.')
        .option('--json', 'print JSON')
        .action(listVersions),
      { isDefault: true },
    )
    .addCommand(
      new Command('promote')
        .summary('let new runs go to the workers of a commit')
        .description('Lets new runs go to the workers of a commit: all of them, or a share. Runs under way stay with the workers that they began on.')
        .argument('<git-sha>', 'the commit, or its beginning')
        .option('--percent <number>', 'share of the new runs; 0 takes a share back (default: all)', wholeNumber(0, 99))
        .option('--json', 'print JSON')
        .action(promote),
    );
}

async function listVersions({ json }: { json?: true }): Promise<void> {
  const { versions } = await withVersions(async (found) => found);
  if (json) console.log(toJson(versions));
  else console.log(versions.length === 0 ? 'No worker with a version has polled yet: set BAROMETER_WORKER_VERSIONING=on for the workers.' : toText(versions));
}

interface PromoteOptions {
  readonly percent?: number;
  readonly json?: true;
}

async function promote(name: string, { percent, json }: PromoteOptions): Promise<void> {
  const { gitSha, versions } = await withVersions(async ({ versions: known }, place) => {
    const commit = toCommit(name, known);
    await promoteWorkerVersion(place, commit, percent ?? null);
    return { gitSha: commit, ...(await listWorkerVersions(place)) };
  });
  if (json) console.log(toJson(versions));
  else console.log(`${toDone(gitSha, percent)} Runs under way stay where they are.\n\n${toText(versions)}`);
}

function toDone(gitSha: string, percent: number | undefined): string {
  if (percent === undefined) return `New runs go to ${gitSha}.`;
  return percent === 0 ? `No share of the new runs goes to ${gitSha} any more.` : `${percent} % of the new runs go to ${gitSha}.`;
}

type Place = Parameters<typeof listWorkerVersions>[0];

async function withVersions<T>(work: (versions: WorkerVersions, place: Place) => Promise<T>): Promise<T> {
  const config = loadConfig();
  return withTemporal(config, async ({ connection }) => {
    const place = { connection, namespace: config.temporal.namespace };
    return work(await listWorkerVersions(place), place);
  });
}

/** @throws Failure `not-found`, `input-invalid` when it could be several */
function toCommit(name: string, versions: readonly WorkerVersion[]): string {
  const matching = versions.filter(({ gitSha }) => gitSha.startsWith(name.toLowerCase()));
  if (matching.length > 1) throw new Failure('input-invalid', `"${name}" is the beginning of several commits: ${matching.map(({ gitSha }) => gitSha).join(', ')}.`);
  if (matching[0] === undefined) throw new Failure('not-found', `No worker of commit ${name} has polled. Start its workers first; \`barometer workers\` lists those that have.`);
  return matching[0].gitSha;
}

function toText(versions: readonly WorkerVersion[]): string {
  const rows = versions.map(({ gitSha, status, percent, since, taskQueues, workers }) => [
    shortSha(gitSha),
    percent === null ? status : `${status} ${percent} %`,
    since === null ? '' : toMinute(since),
    String(workers.length),
    taskQueues.map((queue) => queue.replace(/^barometer-/, '')).join(', '),
  ]);
  const drained = versions.filter(({ status, workers }) => status === 'drained' && workers.length > 0);
  const note = drained.length === 0 ? '' : `\n\nNo run needs ${drained.map(({ gitSha }) => shortSha(gitSha)).join(', ')} any more: those workers may be taken away.`;
  return toTable(['commit', 'status', 'since (UTC)', 'workers', 'task queues'], rows) + note;
}
