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
  readonly cropFaces?: true;
  readonly split: boolean;
  readonly splitRatio: number;
  /** A file of names. */
  readonly exclude?: string;
  readonly train: boolean;
  readonly deploy?: boolean;
  readonly compute: PipelineInput['compute'];
  readonly candidates?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly answerPrecision?: number;
  readonly approval?: true;
  readonly approvalLimit?: number;
  readonly cache: boolean;
}

/** Gives a command that starts runs their switches. */
export function addRunSwitches(command: Command): Command {
  return command
    .addOption(onOff('process', 'ingest and resize the raw images'))
    .addOption(off('process'))
    .option('--crop-faces', 'take the one face of each raw photo instead of the whole photo; data sets with and without are kept apart')
    .addOption(onOff('split', 'split into a training and a test side'))
    .addOption(off('split'))
    .option('--split-ratio <share>', 'share of the images kept for testing', toShare, 0.2)
    .option('--exclude <file>', 'leave the raw images that it names, one a line, out of training; `barometer datasets suspects` writes such a list')
    .addOption(onOff('train', 'train, evaluate, and register what passes the gate'))
    .addOption(off('train'))
    .addOption(new Option('--deploy', 'build the images and roll them out, or fail at once where that is not configured (default: where it is configured)'))
    .addOption(off('deploy'))
    .addOption(new Option('--compute <kind>', 'where to train').choices(COMPUTE_KINDS).default('local'))
    .option('--candidates <n>', 'train so many networks side by side, with other seeds and hyperparameters; the best on the validation images goes to the gate', wholeNumber(1, MOST_CANDIDATES), 1)
    .option('--epochs <n>', 'train for at most so many epochs', wholeNumber(1))
    .option('--seed <n>', 'what everything random in training derives from', wholeNumber(0))
    .option('--answer-precision <share>', 'of the answers that name an expression, the share that shall be right; the others are "uncertain" (default: 0.8)', toShare)
    .option('--approval', 'wait before the rollout until a person has said yes (`barometer approve`)')
    .option('--approval-limit <hours>', 'how long to wait for that; nobody having decided by then counts as a no (default: 72)', toHours)
    .addOption(off('cache', 'do every step anew, even where an earlier run had the same inputs'));
}

/** The input of a run of a commit with these switches, and with the list of what it leaves out, which is filed already. */
export function toRunInput(gitSha: string, switches: RunSwitches, exclusions: string | null): PipelineInput {
  const { process, cropFaces, split, splitRatio, train, deploy, compute, candidates, epochs, seed, answerPrecision, approval, approvalLimit, cache } = switches;
  const deployMode = deploy === undefined ? 'auto' : deploy ? 'on' : 'off';
  const hyperparameters = { ...(epochs === undefined ? {} : { epochs }), ...(seed === undefined ? {} : { seed }), ...(answerPrecision === undefined ? {} : { answerPrecision }) };
  return pipelineInputSchema.parse({ gitSha, process, cropFaces: cropFaces ?? false, split, splitRatio, exclusions, train, deploy: deployMode, compute, candidates, hyperparameters, approval: approval ?? false, approvalLimitHours: approvalLimit, cache });
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
