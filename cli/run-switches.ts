import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { MOST_CANDIDATES } from '../domain/candidates.ts';
import { COMPUTE_KINDS } from '../domain/compute.ts';
import { pipelineInputSchema } from '../domain/pipeline.ts';
import type { PipelineInput } from '../domain/pipeline.ts';
import { wholeNumber } from './whole-number.ts';

/** What a run is asked to do, as the command line says it. */
export interface RunSwitches {
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
}

/** Gives a command that starts runs their switches. */
export function addRunSwitches(command: Command): Command {
  return command
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
    .addOption(off('cache', 'do every step anew, even where an earlier run had the same inputs'));
}

/** The input of a run of a commit with these switches. */
export function toRunInput(gitSha: string, switches: RunSwitches): PipelineInput {
  const { process, split, splitRatio, train, deploy, compute, candidates, epochs, seed, approval, approvalLimit, cache } = switches;
  const deployMode = deploy === undefined ? 'auto' : deploy ? 'on' : 'off';
  const hyperparameters = { ...(epochs === undefined ? {} : { epochs }), ...(seed === undefined ? {} : { seed }) };
  return pipelineInputSchema.parse({ gitSha, process, split, splitRatio, train, deploy: deployMode, compute, candidates, hyperparameters, approval: approval ?? false, approvalLimitHours: approvalLimit, cache });
}

export function onOff(name: string, description: string): Option {
  return new Option(`--${name}`, description).default(true, 'on');
}

export function off(name: string, description = `skip that`): Option {
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
