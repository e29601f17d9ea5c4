import { shortSha } from '../../domain/git-sha.ts';
import type { ScheduledRunInput } from '../../domain/scheduled-run.ts';
import { toListName, toNumberOf } from '../../domain/wording.ts';
import { toFacts } from '../output/facts.ts';
import { toMinute } from '../output/format.ts';
import { toTable } from '../output/table.ts';
import type { OurSchedule, Turn } from './schedules.ts';

/** What programs are told of a schedule. */
export function toScheduleJson({ scheduleId: id, state, info, input }: OurSchedule) {
  return { id, when: input.when, paused: state.paused, note: state.note ?? '', next: info.nextActionTimes.map((time) => time.toISOString()), turns: info.numActionsTaken, input };
}

export function toScheduleTable(schedules: readonly OurSchedule[]): string {
  const rows = schedules.map(({ scheduleId, input, state, info }) => [
    scheduleId,
    input.when,
    toCommit(input),
    state.paused ? 'paused' : toNext(info.nextActionTimes),
  ]);
  return toTable(['schedule', 'when', 'commit', 'next (UTC)'], rows);
}

export function toScheduleText({ scheduleId, input, state, info }: OurSchedule, turns: readonly Turn[]): string {
  const facts: [string, string][] = [
    ['when', input.when],
    ['next (UTC)', state.paused ? `paused: ${state.note ?? ''}` : info.nextActionTimes.slice(0, 3).map((time) => toMinute(time.toISOString())).join(', ')],
    ['commit', toCommit(input)],
    ['new images', toCondition(input)],
    ['run', toSwitches(input)],
    ['turns', `${info.numActionsTaken} taken, ${info.numActionsSkippedOverlap} left out because the one before was not over`],
  ];
  const rows = turns.map(({ at, status, result }) => [toMinute(at), result?.outcome ?? status, result?.note ?? '']);
  const table = rows.length === 0 ? '  No turn was taken yet.' : toTable(['taken (UTC)', 'outcome', ''], rows);
  return [scheduleId, '', toFacts(facts), '', table].join('\n');
}

function toCommit({ gitSha }: ScheduledRunInput): string {
  return gitSha === null ? 'the worker\'s' : shortSha(gitSha);
}

function toNext([next]: readonly Date[]): string {
  return next === undefined ? 'never' : toMinute(next.toISOString());
}

function toCondition({ onlyIfNewData, settleMinutes, mostWaitMinutes }: ScheduledRunInput): string {
  if (!onlyIfNewData) return 'not asked for';
  return settleMinutes === 0 ? 'needed' : `needed, and none for ${toNumberOf(settleMinutes, 'minute')}; waited for ${toNumberOf(mostWaitMinutes, 'minute')} at most`;
}

function toSwitches({ run }: ScheduledRunInput): string {
  const onOff = (isOn: boolean) => (isOn ? 'on' : 'off');
  const { process, cropFaces, split, splitRatio, exclusions, train, deploy, compute, candidates, approval } = run;
  const list = toListName(exclusions);
  return `process ${onOff(process)}${cropFaces ? ' with faces cut out' : ''}, split ${onOff(split)} (${splitRatio}${list === null ? '' : `, without ${list}`}), train ${onOff(train)} on ${compute}, candidates ${candidates}, deploy ${deploy}, approval ${onOff(approval)}`;
}
