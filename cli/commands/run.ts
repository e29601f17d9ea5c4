import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { MOST_CANDIDATES } from '../../domain/candidates.ts';
import { COMPUTE_KINDS } from '../../domain/compute.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import type { PipelineInput } from '../../domain/pipeline.ts';
import { readHead, resolveCommit } from '../git.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { followStarted } from '../follow-started.ts';
import { openTemporal } from '../open-temporal.ts';
import { annotateError, chooseReporter, REPORTERS } from '../reporters/choose-reporter.ts';
import type { ReporterOptions } from '../reporters/choose-reporter.ts';
import { wholeNumber } from '../whole-number.ts';
import { startPipeline } from '../pipeline-runs.ts';

interface RunOptions extends ReporterOptions {
  readonly gitSha?: string;
  readonly process: boolean;
  readonly split: boolean;
  readonly splitRatio: number;
  readonly train: boolean;
  readonly deploy?: boolean;
  readonly compute: PipelineInput['compute'];
  readonly candidates?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly approval?: true;
  readonly approvalLimit?: number;
  readonly cache: boolean;
  readonly wait: boolean;
  readonly untilApproval?: true;
  readonly cancelOnSignal?: true;
}

export function createRunCommand(): Command {
  return new Command('run')
    .summary('run the pipeline: from raw images to a registered model')
    .description('Starts the pipeline for a commit and follows it. A step that is switched off is skipped, and what an earlier run left is used instead. Starting a commit whose run is under way joins that run.')
    .option('--git-sha <sha>', 'the commit that everything made is named by (default: HEAD)')
    .addOption(onOff('process', 'ingest and resize the raw images'))
    .addOption(off('process'))
    .addOption(onOff('split', 'split into a training and a test side'))
    .addOption(off('split'))
    .option('--split-ratio <share>', 'share of the images kept for testing', toShare, 0.2)
    .addOption(onOff('train', 'train, evaluate, and register what passes the gate'))
    .addOption(off('train'))
    .addOption(new Option('--deploy', 'build the images and roll them out, or fail at once where that is not configured (default: where it is configured)'))
    .addOption(off('deploy'))
    .addOption(new Option('--compute <kind>', 'where to train').choices(COMPUTE_KINDS).default('local'))
    .option('--candidates <n>', 'train so many networks side by side, with other seeds and hyperparameters; the best on the validation images goes to the gate', wholeNumber(1, MOST_CANDIDATES), 1)
    .option('--epochs <n>', 'train for at most so many epochs', wholeNumber(1))
    .option('--seed <n>', 'what everything random in training derives from', wholeNumber(0))
    .option('--approval', 'wait before the rollout until a person has said yes (`barometer approve`)')
    .option('--approval-limit <hours>', 'how long to wait for that; nobody having decided by then counts as a no (default: 72)', toHours)
    .addOption(off('cache', 'do every step anew, even where an earlier run had the same inputs'))
    .addOption(onOff('wait', 'follow the run to its end'))
    .addOption(off('wait', 'start it and return'))
    .option('--until-approval', 'return when the run waits for a person, who may take days')
    .option('--cancel-on-signal', 'cancel the run when this command is asked to end (default: the run goes on)')
    .addOption(new Option('--reporter <kind>', 'for whom to report: a terminal, or a job of GitHub Actions (groups, annotations, summary, outputs, a comment on the pull request), which ends with an error only when the run failed or was stopped').choices(REPORTERS).default('terminal').conflicts('json'))
    .option('--report <dir>', 'write the report, report.md with its pictures, into this folder')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', `\nExit codes: ${Object.entries(EXIT_CODES).map(([name, code]) => `${code} ${name}`).join(', ')}.`)
    .action(async (options: RunOptions) => {
      process.exitCode = await run(options);
    });
}

async function run(options: RunOptions): Promise<number> {
  try {
    return await startAndFollow(options);
  } catch (error) {
    if (options.reporter === 'github') await annotateError(error);
    throw error;
  }
}

async function startAndFollow(options: RunOptions): Promise<number> {
  const config = loadConfig();
  const input = await toInput(options);
  const reporter = await chooseReporter(options, config);
  const { client, close } = await openTemporal(config);
  try {
    return await followStarted(await startPipeline(client, input), config.temporal, { ...options, reporter });
  } finally {
    await close();
  }
}

async function toInput(options: RunOptions): Promise<PipelineInput> {
  const here = process.cwd();
  const gitSha = options.gitSha === undefined ? await readHead(here) : await resolveCommit(options.gitSha, here);
  const { process: processImages, split, splitRatio, train, deploy, compute, candidates, epochs, seed, approval, approvalLimit, cache } = options;
  const deployMode = deploy === undefined ? 'auto' : deploy ? 'on' : 'off';
  const hyperparameters = { ...(epochs === undefined ? {} : { epochs }), ...(seed === undefined ? {} : { seed }) };
  return pipelineInputSchema.parse({ gitSha, process: processImages, split, splitRatio, train, deploy: deployMode, compute, candidates, hyperparameters, approval: approval ?? false, approvalLimitHours: approvalLimit, cache });
}

function onOff(name: string, description: string): Option {
  return new Option(`--${name}`, description).default(true, 'on');
}

function off(name: string, description = `skip that`): Option {
  return new Option(`--no-${name}`, description);
}

/** A month at most: what nobody has looked at by then is no longer what they would decide about. */
const MOST_HOURS = 24 * 30;

function toHours(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= MOST_HOURS)) throw new InvalidArgumentError(`It is a number of hours above 0, up to ${MOST_HOURS}.`);
  return hours;
}

function toShare(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share < 1)) throw new InvalidArgumentError('It is a number between 0 and 1, for example 0.2.');
  return share;
}
