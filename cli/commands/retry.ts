import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Command, Option } from 'commander';
import { Failure } from '../../domain/failure.ts';
import { shortSha } from '../../domain/git-sha.ts';
import type { PipelineInput, PipelineStep } from '../../domain/pipeline.ts';
import { PIPELINE_STEPS } from '../../domain/pipeline.ts';
import { toRestartStep, toRetryInput } from '../../domain/retry.ts';
import { EXIT_CODE_TEXT } from '../exit-codes.ts';
import { followStarted } from '../follow-started.ts';
import { resolveCommit } from '../git.ts';
import type { StartedRun } from '../pipeline-runs.ts';
import { startPipeline } from '../pipeline-runs.ts';
import { RUN_NAMING } from '../runs/find-run.ts';
import { findNamedRun, readRun } from '../runs/read-run.ts';
import { isUnderWay } from '../runs/run-entry.ts';
import type { RunSources } from '../runs/with-runs.ts';
import { withRuns } from '../runs/with-runs.ts';

interface RetryOptions {
  readonly from?: PipelineStep;
  readonly gitSha?: string;
  readonly cache: boolean;
  readonly wait: boolean;
  readonly json?: true;
}

export function createRetryCommand(): Command {
  return new Command('retry')
    .summary('a new run that goes on where another one stopped')
    .description('Starts a new run that begins at a step of another one, and takes over what the steps before it have made: nothing is done twice. The run that it is taken from stays as it is.')
    .argument('<run>', 'which one; see below')
    .addOption(new Option('--from <step>', 'the step to begin with (default: the first that is not done)').choices(PIPELINE_STEPS))
    .option('--git-sha <sha>', 'the commit of the new run, for example one that mends what was wrong (default: that of the other run)')
    .addOption(new Option('--no-cache', 'do every step from there anew, even where an earlier run had the same inputs'))
    .addOption(new Option('--wait', 'follow the run to its end').default(true, 'on'))
    .addOption(new Option('--no-wait', 'start it and return'))
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', `\n${RUN_NAMING}\n\n${EXIT_CODE_TEXT}`)
    .action(async (name: string, options: RetryOptions) => {
      process.exitCode = await withRuns((sources) => retry(name, options, sources));
    });
}

async function retry(name: string, options: RetryOptions, sources: RunSources): Promise<number> {
  const input = await toInput(name, options, sources);
  console.error(`Beginning at ${input.reuse!.from} with what run ${input.reuse!.runName} has made.`);
  const started = await startAlone(input, sources);
  return followStarted(started, sources.config.temporal, { wait: options.wait, ...(options.json && { json: options.json }) });
}

async function toInput(name: string, { from, gitSha, cache }: RetryOptions, sources: RunSources): Promise<PipelineInput> {
  const { entry, state } = await readRun(name, sources);
  if (isUnderWay(entry)) throw new Failure('input-invalid', `Run ${entry.runName} is still under way. Cancel it first: barometer cancel ${entry.runName}`);
  if (state === null) throw new Failure('not-found', `What run ${entry.runName} has made is not known: it has filed nothing, and no worker of the role "pipeline" answers. Start one with \`barometer worker\`, or begin anew: barometer run --git-sha ${entry.gitSha}`);
  const step = from ?? toRestartStep(state);
  if (step === null) throw new Failure('input-invalid', `Run ${entry.runName} has done all its steps. Say with --from which one to begin with: ${PIPELINE_STEPS.join(', ')}.`);
  const commit = gitSha === undefined ? state.gitSha : await resolveCommit(gitSha, process.cwd());
  const input = toRetryInput(state, { from: step, gitSha: commit });
  return cache ? input : { ...input, cache: false };
}

/** Joining another run of the commit would silently do something else than what was asked for. */
async function startAlone(input: PipelineInput, sources: RunSources): Promise<StartedRun> {
  try {
    return await startPipeline(sources.client, input, 'fail');
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { entry } = await findNamedRun(error.workflowId, sources);
    throw new Failure('write-conflict', `Run ${entry.runName} of commit ${shortSha(input.gitSha)} is under way. Wait for its end, or cancel it: barometer cancel ${entry.runName}`, { cause: error });
  }
}
