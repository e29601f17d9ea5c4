import { Command } from 'commander';
import type { Client } from '@temporalio/client';
import { loadConfig } from '../../config/config.ts';
import { Failure } from '../../domain/failure.ts';
import { scheduledRunInputSchema } from '../../domain/scheduled-run.ts';
import type { ScheduledRunInput } from '../../domain/scheduled-run.ts';
import { resolveCommit } from '../git.ts';
import { keepExclusions } from '../keep-exclusions.ts';
import { openStores } from '../open-stores.ts';
import { toJson } from '../output/format.ts';
import type { RunSwitches } from '../run-switches.ts';
import { addRunSwitches, toRunInput } from '../run-switches.ts';
import { toCron } from '../schedules/cron.ts';
import { toScheduleJson, toScheduleTable, toScheduleText } from '../schedules/schedule-text.ts';
import { listOurs, listTurns, putSchedule, requireOurs } from '../schedules/schedules.ts';
import { takeTurn } from '../schedules/take-turn.ts';
import type { When, WhenOptions } from '../schedules/when.ts';
import { toEveryMs, toTimeZone, toWhen } from '../schedules/when.ts';
import { wholeNumber } from '../whole-number.ts';
import { withTemporal } from '../with-temporal.ts';

interface CreateOptions extends RunSwitches, WhenOptions {
  readonly id?: string;
  readonly onlyIfNewData?: true;
  readonly settle?: number;
  readonly mostWait?: number;
  readonly gitSha?: string;
  readonly json?: true;
}

interface Output {
  readonly json?: true;
}

const TURN_LIMIT_MS = 120_000;
const TURNS_SHOWN = 5;
const UPLOAD_SETTLE_MINUTES = 10;
const UPLOAD_MOST_WAIT_MINUTES = 120;

export function createScheduleCommand(): Command {
  const create = new Command('create')
    .summary('make a schedule, or change the one of that name')
    .description('Makes a schedule that starts runs, or changes the one of that name into this; a paused one stays paused. A turn that comes while a run of the commit is under way joins that run.')
    .option('--id <name>', 'its name (default: by-clock or on-upload)')
    .option('--cron <expression>', 'by the clock, for example "0 3 * * *": every day at 3:00', toCron)
    .option('--time-zone <name>', 'of that clock, for example Europe/Berlin (default: UTC)', toTimeZone)
    .option('--every <duration>', 'every so often: 30m, 6h, 1d', toEveryMs)
    .option('--on-upload', 'when images have been uploaded: looks every five minutes, and starts when ten have passed without another')
    .option('--only-if-new-data', 'end at once, at no cost, when the raw images are those of the last finished run')
    .option('--settle <minutes>', 'wait until no image has come for so long', wholeNumber(0))
    .option('--most-wait <minutes>', `wait no longer than this for images that go on coming (default: ${UPLOAD_MOST_WAIT_MINUTES})`, wholeNumber(1))
    .option('--git-sha <sha>', 'the commit to run (default: that of the worker which takes the turn)');
  return new Command('schedule')
    .summary('start runs by the clock, or by uploads')
    .description('Starts runs by the clock or by uploads, without anybody asking for them. Lists the schedules when nothing else is said.')
    .addCommand(new Command('list').summary('all schedules (also what `barometer schedule` alone prints)').description('Lists all schedules that start runs, and when each does next.').option('--json', 'print JSON').action(list), { isDefault: true })
    .addCommand(addRunSwitches(create).option('--json', 'print JSON').action(put))
    .addCommand(withId('show', 'what it does, when, and what became of its last turns').action(show))
    .addCommand(withId('pause', 'take no turns until it is resumed').option('--reason <text>', 'why, for those who wonder', 'Paused by hand.').action(pause))
    .addCommand(withId('resume', 'take turns again').action(resume))
    .addCommand(withId('trigger', 'take a turn now, also while it is paused, and say what became of it').action(trigger))
    .addCommand(withId('delete', 'remove it; runs that it has started go on').action(remove));
}

function withId(name: string, summary: string): Command {
  const description = `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
  return new Command(name).summary(summary).description(description).argument('<id>', 'its name').option('--json', 'print JSON');
}

async function put(options: CreateOptions): Promise<void> {
  const when = toWhen(options);
  const input = await toInput(options, when);
  const id = options.id ?? (options.onUpload ? 'on-upload' : 'by-clock');
  await withClient(async (client) => {
    const done = await putSchedule(client, { id, when, input });
    const schedule = await requireOurs(client, id);
    if (options.json) console.log(toJson({ done, ...toScheduleJson(schedule) }));
    else console.log(`The schedule "${id}" ${done === 'created' ? 'is made' : 'was there, and is changed'}.\n\n${toScheduleText(schedule, [])}`);
  });
}

async function toInput(options: CreateOptions, { text }: When): Promise<ScheduledRunInput> {
  const { onUpload, settle, mostWait } = options;
  const onlyIfNewData = onUpload ?? options.onlyIfNewData ?? false;
  if (onlyIfNewData && !options.process) throw new Failure('input-invalid', 'A run with --no-process does not look at new images: leave out --no-process, or --only-if-new-data and --on-upload.');
  if (!onlyIfNewData && (settle !== undefined || mostWait !== undefined)) throw new Failure('input-invalid', '--settle and --most-wait are about new images: they need --only-if-new-data or --on-upload.');
  const gitSha = options.gitSha === undefined ? null : await resolveCommit(options.gitSha, process.cwd());
  // The commit and what to begin with are another matter at every turn.
  const exclusions = await keepExclusions(options.exclude, () => openStores(loadConfig()).datasets);
  const run = toRunInput(gitSha ?? '0'.repeat(40), options, exclusions);
  return scheduledRunInputSchema.parse({
    when: text,
    gitSha,
    run,
    onlyIfNewData,
    settleMinutes: settle ?? (onUpload ? UPLOAD_SETTLE_MINUTES : 0),
    mostWaitMinutes: mostWait ?? UPLOAD_MOST_WAIT_MINUTES,
  });
}

async function list({ json }: Output): Promise<void> {
  await withClient(async (client) => {
    const schedules = await listOurs(client);
    if (json) console.log(toJson(schedules.map(toScheduleJson)));
    else console.log(schedules.length === 0 ? 'There are no schedules. Make one with `barometer schedule create`.' : toScheduleTable(schedules));
  });
}

async function show(id: string, { json }: Output): Promise<void> {
  await withClient(async (client) => {
    const schedule = await requireOurs(client, id);
    const turns = await listTurns(client, schedule, TURNS_SHOWN);
    console.log(json ? toJson({ ...toScheduleJson(schedule), lastTurns: turns }) : toScheduleText(schedule, turns));
  });
}

async function pause(id: string, { json, reason }: Output & { readonly reason: string }): Promise<void> {
  await withClient(async (client) => {
    await requireOurs(client, id);
    await client.schedule.getHandle(id).pause(reason);
    console.log(json ? toJson({ id, paused: true }) : `The schedule "${id}" is paused. \`barometer schedule resume ${id}\` ends that.`);
  });
}

async function resume(id: string, { json }: Output): Promise<void> {
  await withClient(async (client) => {
    const { input } = await requireOurs(client, id);
    await client.schedule.getHandle(id).unpause(`Barometer: ${input.when}`);
    console.log(json ? toJson({ id, paused: false }) : `The schedule "${id}" goes on.`);
  });
}

async function trigger(id: string, { json }: Output): Promise<void> {
  await withClient(async (client) => {
    const turn = await takeTurn(client, await requireOurs(client, id), TURN_LIMIT_MS);
    if (json) console.log(toJson(turn));
    else console.log(turn.result === null ? `The turn has ${turn.status}: see ${turn.workflowId} in the Temporal UI.` : `${turn.result.outcome}: ${turn.result.note}`);
    if (turn.result === null) process.exitCode = 1;
  });
}

async function remove(id: string, { json }: Output): Promise<void> {
  await withClient(async (client) => {
    await requireOurs(client, id);
    await client.schedule.getHandle(id).delete();
    console.log(json ? toJson({ id, deleted: true }) : `The schedule "${id}" is removed. Runs that it has started go on.`);
  });
}

async function withClient(work: (client: Client) => Promise<void>): Promise<void> {
  await withTemporal(loadConfig(), ({ client }) => work(client));
}
