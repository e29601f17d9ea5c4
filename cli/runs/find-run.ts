import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { FiledRun } from '../../domain/filed-run.ts';
import { Failure, isFailure } from '../../domain/failure.ts';
import { shortSha } from '../../domain/git-sha.ts';
import { toPipelineWorkflowId } from '../../domain/names.ts';
import { PIPELINE_WORKFLOW } from '../../workflows/contract.ts';
import { resolveCommit } from '../git.ts';
import { toStatusText } from '../output/run-status.ts';
import type { RunFilter } from './list-runs.ts';
import { findNewestRun, listRuns } from './list-runs.ts';
import type { RunEntry } from './run-entry.ts';
import { toFiledEntry, toRunEntry } from './run-entry.ts';

/** What people may name a run by; for the help of commands. */
export const RUN_NAMING = `RUN is a run's name (20261124T015500Z-1a2b3c4), "latest", a commit (git-sha,
short sha, branch, tag: its newest run), or a workflow or run id of Temporal.`;

export interface FoundRun {
  readonly entry: RunEntry;
  /** What it left in the storage account, where Temporal knows it no more. */
  readonly filed: FiledRun | null;
}

export interface FindRunOptions {
  readonly client: Client;
  readonly runs: { findFiledRun(runName: string): Promise<FiledRun | null> };
  /** Of the repository whose branches and tags are meant. */
  readonly directory: string;
}

/** The candidates of a run are filed as `<run>.c1`, …: they mean the run. */
const RUN_NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-([0-9a-f]{7})(\.c\d+)?$/i;
const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SHA_BEGINNING = /^[0-9a-f]{4,64}$/i;
/** Of the commits that are called by a short sha, more than these need not be told apart. */
const MOST_LOOKED_AT = 50;

/**
 * Finds the run that a person means.
 *
 * @throws Failure `not-found`, `input-invalid` (it may mean several) with the nearest runs
 */
export async function findRun(given: string, options: FindRunOptions): Promise<FoundRun> {
  const name = given.trim();
  if (name === '') throw new Failure('input-invalid', 'Say which run is meant.');
  const { client } = options;
  if (name === 'latest') return found(await findNewestRun(client, {})) ?? complain('There is no run yet: start one with `barometer run`.');
  if (RUN_NAME.test(name)) return findByName(name, options);
  if (RUN_ID.test(name)) return found((await listRuns(client, { runId: name.toLowerCase() }, 1))[0]) ?? complain(`There is no run with the id ${name}.`, await toNearest(client));
  const byWorkflow = await describe(client, name);
  if (byWorkflow !== null) return found(byWorkflow)!;
  const bySha = SHA_BEGINNING.test(name) ? await findByShaBeginning(client, name.toLowerCase()) : null;
  if (bySha !== null) return bySha;
  return findByCommit(name, options);
}

async function findByName(name: string, { client, runs }: FindRunOptions): Promise<FoundRun> {
  const [, year, month, day, hour, minute, second, sha] = RUN_NAME.exec(name)! as unknown as string[];
  const runName = name.replace(/\.c\d+$/i, '');
  const startedFrom = new Date(`${year!}-${month!}-${day!}T${hour!}:${minute!}:${second!}Z`);
  if (Number.isNaN(startedFrom.getTime())) complain(`"${name}" is no run's name: there is no such time.`, await toNearest(client));
  const startedBefore = new Date(startedFrom.getTime() + 1000);
  const matching = await listRuns(client, { gitSha: sha!.toLowerCase(), startedFrom, startedBefore }, MOST_LOOKED_AT);
  if (matching.length > 1) throw ambiguous(name, matching);
  if (matching.length === 1) return found(matching[0])!;
  const filed = await findFiled(runs, runName);
  if (filed !== null) return { entry: toFiledEntry(filed), filed };
  return complain(`There is no run ${name}, neither in Temporal nor in the storage account.`, await toNearest(client, { gitSha: sha!.toLowerCase() }));
}

async function findByShaBeginning(client: Client, sha: string): Promise<FoundRun | null> {
  const matching = await listRuns(client, { gitSha: sha }, MOST_LOOKED_AT);
  const newestByCommit = new Map<string, RunEntry>();
  for (const entry of matching) if (!newestByCommit.has(entry.gitSha)) newestByCommit.set(entry.gitSha, entry);
  if (newestByCommit.size > 1) throw ambiguous(sha, [...newestByCommit.values()]);
  const [gitSha] = newestByCommit.keys();
  return gitSha === undefined ? null : found(await findNewestRun(client, { gitSha }));
}

async function findByCommit(name: string, { client, directory }: FindRunOptions): Promise<FoundRun> {
  const gitSha = await resolveCommit(name, directory).catch(async (error: unknown) => {
    if (!isFailure(error, 'input-invalid')) throw error;
    return complain(`"${name}" names no run, and no commit of a repository here.`, await toNearest(client));
  });
  // The list is some moments behind, this is not.
  const current = await describe(client, toPipelineWorkflowId(gitSha));
  return found(current ?? (await findNewestRun(client, { gitSha }))) ?? complain(`Commit ${shortSha(gitSha)} has no run.`, await toNearest(client));
}

async function describe(client: Client, workflowId: string): Promise<RunEntry | null> {
  try {
    const info = await client.workflow.getHandle(workflowId).describe();
    return info.type === PIPELINE_WORKFLOW ? toRunEntry(info) : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** An account that nobody has used has no containers. */
async function findFiled(runs: FindRunOptions['runs'], runName: string): Promise<FiledRun | null> {
  return runs.findFiledRun(runName).catch((error: unknown) => {
    if (isFailure(error, 'not-found')) return null;
    if (!isFailure(error)) throw error;
    throw new Failure(error.kind, `Temporal knows no run ${runName}; whether it has left its record in the storage account can't be told. ${error.message}`, { cause: error });
  });
}

function found(entry: RunEntry | null | undefined): FoundRun | null {
  return entry == null ? null : { entry, filed: null };
}

const NEAREST = 5;

/** What may have been meant: runs of the commit, or else the newest. */
async function toNearest(client: Client, filter: RunFilter = {}): Promise<string> {
  const near = await listRuns(client, filter, NEAREST);
  if (near.length > 0) return `${filter.gitSha === undefined ? 'The newest runs are' : 'Runs of that commit are'}:\n${toLines(near)}`;
  return filter.gitSha === undefined ? 'There is no run yet: start one with `barometer run`.' : toNearest(client);
}

function ambiguous(name: string, entries: readonly RunEntry[]): Failure {
  return new Failure('input-invalid', `"${name}" may mean several runs; say which by its name:\n${toLines(entries.slice(0, NEAREST))}`);
}

function complain(message: string, nearest?: string): never {
  throw new Failure('not-found', nearest === undefined ? message : `${message} ${nearest}`);
}

function toLines(entries: readonly RunEntry[]): string {
  return entries.map((entry) => `  ${entry.runName}  ${toStatusText(entry)}`).join('\n');
}
