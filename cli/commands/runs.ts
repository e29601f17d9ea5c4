import { Command, InvalidArgumentError, Option } from 'commander';
import { createBlobLink } from '../../adapters/blob-storage/blob-link.ts';
import { CONTAINERS, toRunUrl } from '../../domain/names.ts';
import type { PipelineOutcome } from '../../domain/run-state.ts';
import { PIPELINE_OUTCOMES } from '../../domain/run-state.ts';
import { resolveCommit } from '../git.ts';
import { toJson } from '../output/format.ts';
import { toComparisonText } from '../output/comparison-text.ts';
import { toEmptyText, toRunListText } from '../output/run-list-text.ts';
import { toRunText } from '../output/run-text.ts';
import { compareRuns } from '../runs/compare-runs.ts';
import { RUN_NAMING } from '../runs/find-run.ts';
import { listRuns } from '../runs/list-runs.ts';
import { readComparable } from '../runs/read-comparable.ts';
import { readRun } from '../runs/read-run.ts';
import type { RunEntry, RunStatus } from '../runs/run-entry.ts';
import { RUN_STATUSES } from '../runs/run-entry.ts';
import { withRuns } from '../runs/with-runs.ts';
import type { RunSources } from '../runs/with-runs.ts';
import { wholeNumber } from '../whole-number.ts';

interface ListOptions {
  readonly status?: RunStatus;
  readonly outcome?: PipelineOutcome;
  readonly gitSha?: string;
  readonly limit: number;
  readonly json?: true;
}

const SHOWN = 20;

export function createRunsCommand(): Command {
  return new Command('runs')
    .summary('runs of the pipeline: list, show, compare')
    .description('Lists the runs of the pipeline, shows one with its steps, or says what is different about two.')
    .addCommand(
      new Command('list')
        .summary('the newest runs (also what `barometer runs` alone prints)')
        .description('Lists runs that Temporal still knows, the newest first: how they stand or ended, how well they did, the model they registered, how long they took. A run is named by its start in UTC and its commit.')
        .option('--limit <n>', 'so many at most', wholeNumber(1), SHOWN)
        .addOption(new Option('--status <status>', 'only those that stand like that; "waiting" is for approval').choices(RUN_STATUSES))
        .addOption(new Option('--outcome <outcome>', 'only those that came to this').choices(PIPELINE_OUTCOMES))
        .option('--git-sha <sha>', 'only those of a commit: a git-sha or how it begins, a branch or a tag', toCommitName)
        .option('--json', 'print JSON')
        .action(list),
      { isDefault: true },
    )
    .addCommand(
      new Command('show')
        .summary('a run: steps, attempts, what failed and what to do, results, links')
        .description('Shows how a run stands or ended: each step with its time, tries and what came of it, why it failed in plain words and what to do, what it made, and where to look further.')
        .argument('<run>', 'which one; see below')
        .option('--json', 'print JSON')
        .addHelpText('after', `\n${RUN_NAMING}`)
        .action(show),
    )
    .addCommand(
      new Command('compare')
        .summary('what is different about two runs')
        .description('Says what is different about two runs: code, data, what they were asked, accuracy, what is taken for what, and time. What is the same is left out.')
        .argument('<a>', 'a run; see below')
        .argument('<b>', 'another one')
        .option('--json', 'print JSON')
        .addHelpText('after', `\n${RUN_NAMING}`)
        .action(compare),
    );
}

async function list({ status, outcome, gitSha, limit, json }: ListOptions): Promise<void> {
  const commit = gitSha === undefined ? undefined : await toShaBeginning(gitSha);
  await withRuns(async (sources) => {
    const entries = await listRuns(sources.client, { status, outcome, gitSha: commit }, limit);
    if (json) console.log(toJson(entries.map((entry) => ({ ...entry, url: toUrl(entry, sources) }))));
    else if (entries.length === 0) console.log(toEmptyText(status !== undefined || outcome !== undefined || commit !== undefined));
    else {
      console.log(toRunListText(entries, Date.now()));
      if (entries.length === limit) console.error(`\nThere may be more: --limit ${limit * 5} shows them.`);
    }
  });
}

async function show(name: string, { json }: { json?: true }): Promise<void> {
  await withRuns(async (sources) => {
    const details = await readRun(name, sources);
    const { entry } = details;
    const links = { temporal: toUrl(entry, sources), folder: createBlobLink(sources.config.storage)(CONTAINERS.runs, entry.runName) };
    if (!json) {
      console.log(toRunText(details, links, Date.now()));
      return;
    }
    const { history } = details;
    const written = history && { ...history, attempts: Object.fromEntries(history.attempts), retried: Object.fromEntries(history.retried) };
    console.log(toJson({ ...details, history: written, links }));
  });
}

async function compare(a: string, b: string, { json }: { json?: true }): Promise<void> {
  await withRuns(async (sources) => {
    const [first, second] = await Promise.all([readComparable(a, sources), readComparable(b, sources)]);
    const comparison = await compareRuns(first, second, process.cwd());
    console.log(json ? toJson(comparison) : toComparisonText(comparison));
  });
}

function toUrl(entry: RunEntry, { config }: RunSources): string {
  return toRunUrl(config.temporal.uiUrl, config.temporal.namespace, entry);
}

const SHA_BEGINNING = /^[0-9a-f]{4,64}$/i;

async function toShaBeginning(name: string): Promise<string> {
  return SHA_BEGINNING.test(name) ? name.toLowerCase() : resolveCommit(name, process.cwd());
}

function toCommitName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Name a commit.');
  return text.trim();
}
