import { Command, Option } from 'commander';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/config.ts';
import type { PipelineInput } from '../../domain/pipeline.ts';
import { readHead, resolveCommit } from '../git.ts';
import { EXIT_CODE_TEXT } from '../exit-codes.ts';
import { keepExclusions } from '../keep-exclusions.ts';
import { openStores } from '../open-stores.ts';
import { followStarted } from '../follow-started.ts';
import { annotateError, chooseReporter, REPORTERS } from '../reporters/choose-reporter.ts';
import type { ReporterOptions } from '../reporters/choose-reporter.ts';
import type { RunSwitches } from '../run-switches.ts';
import { addRunSwitches, off, onOff, toRunInput } from '../run-switches.ts';
import { startPipeline } from '../pipeline-runs.ts';
import { withTemporal } from '../with-temporal.ts';

interface RunOptions extends RunSwitches, ReporterOptions {
  readonly gitSha?: string;
  readonly wait: boolean;
  readonly untilApproval?: true;
  readonly cancelOnSignal?: true;
}

export function createRunCommand(): Command {
  const command = new Command('run')
    .summary('run the pipeline: from raw images to a registered model')
    .description('Starts the pipeline for a commit and follows it. A step that is switched off is skipped, and what an earlier run left is used instead. Starting a commit whose run is under way joins that run.')
    .option('--git-sha <sha>', 'the commit that everything made is named by (default: HEAD)');
  return addRunSwitches(command)
    .addOption(onOff('wait', 'follow the run to its end'))
    .addOption(off('wait', 'start it and return'))
    .option('--until-approval', 'return when the run waits for a person, who may take days')
    .option('--cancel-on-signal', 'cancel the run when this command is asked to end (default: the run goes on)')
    .addOption(new Option('--reporter <kind>', 'for whom to report: a terminal, or a job of GitHub Actions (groups, annotations, summary, outputs, a comment on the pull request), which ends with an error only when the run failed or was stopped').choices(REPORTERS).default('terminal').conflicts('json'))
    .option('--report <dir>', 'write the report, report.md with its pictures, into this folder')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', `\n${EXIT_CODE_TEXT}`)
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
  const input = await toInput(options, config);
  const reporter = await chooseReporter(options, config);
  return withTemporal(config, async ({ client }) => followStarted(await startPipeline(client, input), config.temporal, { ...options, reporter }));
}

async function toInput(options: RunOptions, config: Config): Promise<PipelineInput> {
  const here = process.cwd();
  const gitSha = options.gitSha === undefined ? await readHead(here) : await resolveCommit(options.gitSha, here);
  return toRunInput(gitSha, options, await keepExclusions(options.exclude, () => openStores(config).datasets));
}
