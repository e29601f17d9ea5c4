import { Command, InvalidArgumentError, Option } from 'commander';
import { connectTemporal } from '../../adapters/temporal/connection.ts';
import { loadConfig } from '../../config/config.ts';
import { MOST_CANDIDATES } from '../../domain/candidates.ts';
import { COMPUTE_KINDS } from '../../domain/compute.ts';
import { pipelineInputSchema } from '../../domain/pipeline.ts';
import type { PipelineInput } from '../../domain/pipeline.ts';
import { readHead, resolveCommit } from '../git.ts';
import { EXIT_CODES, toExitCode } from '../exit-codes.ts';
import { toJson } from '../output/format.ts';
import { createRunBoard } from '../output/run-board.ts';
import { toRunSummary } from '../output/run-summary.ts';
import { wholeNumber } from '../whole-number.ts';
import { followRun, startPipeline, toRunUrl } from '../pipeline-runs.ts';

interface RunOptions {
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
  readonly wait: boolean;
  readonly json?: true;
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
    .addOption(onOff('wait', 'follow the run to its end'))
    .addOption(off('wait', 'start it and return'))
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', `\nExit codes: ${Object.entries(EXIT_CODES).map(([name, code]) => `${code} ${name}`).join(', ')}.`)
    .action(async (options: RunOptions) => {
      process.exitCode = await run(options);
    });
}

async function run(options: RunOptions): Promise<number> {
  const config = loadConfig();
  const input = await toInput(options);
  const { client, close } = await connectTemporal(config.temporal);
  try {
    const started = await startPipeline(client, input);
    const url = toRunUrl(config.temporal.uiUrl, config.temporal.namespace, started);
    const { workflowId, runId, joined } = started;
    console.error(`${joined ? 'Joined the run of this commit that is under way' : 'Started'}: ${workflowId}\n  watch it at ${url}`);
    if (!options.wait) {
      if (options.json) console.log(toJson({ workflowId, runId, joined, url }));
      return EXIT_CODES.succeeded;
    }
    process.once('SIGINT', () => {
      console.error('\nThe run goes on without you; the same command follows it again.');
      process.exit(EXIT_CODES.failed);
    });
    const board = createRunBoard();
    const end = await followRun(started.handle, board.show).finally(board.end);
    if (options.json) console.log(toJson({ workflowId, runId, joined, url, ...end }));
    else console.log(toRunSummary(end));
    return toExitCode(end);
  } finally {
    await close();
  }
}

async function toInput(options: RunOptions): Promise<PipelineInput> {
  const here = process.cwd();
  const gitSha = options.gitSha === undefined ? await readHead(here) : await resolveCommit(options.gitSha, here);
  const { process: processImages, split, splitRatio, train, deploy, compute, candidates, epochs, seed } = options;
  const deployMode = deploy === undefined ? 'auto' : deploy ? 'on' : 'off';
  const hyperparameters = { ...(epochs === undefined ? {} : { epochs }), ...(seed === undefined ? {} : { seed }) };
  return pipelineInputSchema.parse({ gitSha, process: processImages, split, splitRatio, train, deploy: deployMode, compute, candidates, hyperparameters });
}

function onOff(name: string, description: string): Option {
  return new Option(`--${name}`, description).default(true, 'on');
}

function off(name: string, description = `skip that`): Option {
  return new Option(`--no-${name}`, description);
}

function toShare(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share < 1)) throw new InvalidArgumentError('It is a number between 0 and 1, for example 0.2.');
  return share;
}
