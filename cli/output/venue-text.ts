import type { MoodAlertRecord } from '../../domain/mood-alert.ts';
import type { MoodRule, Venue } from '../../domain/venue.ts';
import { toPercent } from '../../domain/wording.ts';
import { toFacts } from './facts.ts';
import { toMinute } from './format.ts';
import { toTable } from './table.ts';

export function toVenueTable(venues: readonly Venue[]): string {
  const rows = venues.map(({ id, name, cameras, rules, webhook }) => [id, name, String(Object.keys(cameras).length), rules.map((rule) => rule.id).join(', '), webhook === null ? '' : new URL(webhook.url).host]);
  return toTable(['venue', 'name', 'cameras', 'rules', 'tells'], rows);
}

export function toAlertTable(alerts: readonly MoodAlertRecord[]): string {
  const rows = alerts.map(({ at, rule, share, faces, status, tries, reason }) => [toMinute(at), rule.id, `${toPercent(share)} ${rule.emotion}`, String(faces), status, String(tries), reason ?? '']);
  return toTable(['at (UTC)', 'rule', 'share', 'faces', 'outcome', 'tries', 'why'], rows);
}

export function toVenueText({ id, name, operator, minimumFaces, cameras, rules, webhook }: Venue): string {
  const facts: [string, string][] = [
    ['operator', `${operator.name}, ${operator.contact}`],
    ['shown', `from ${minimumFaces} faces on`],
    ...Object.entries(cameras).map(([camera, { name: cameraName, staffAreas }]): [string, string] => [
      `camera ${camera}`,
      [...(cameraName === undefined ? [] : [cameraName]), toStaffAreas(staffAreas.length)].join(', '),
    ]),
    ...rules.map((rule): [string, string] => [`rule ${rule.id}`, toRuleText(rule)]),
    ['tells', webhook === null ? 'nobody' : webhook.url],
  ];
  return `${name} (${id})\n${toFacts(facts)}`;
}

function toRuleText({ emotion, shareAbove, forSeconds, coolDownSeconds }: MoodRule): string {
  return `${emotion} share above ${toPercent(shareAbove)} for ${forSeconds} s; quiet for ${coolDownSeconds} s`;
}

function toStaffAreas(count: number): string {
  if (count === 0) return 'no staff area';
  return count === 1 ? '1 staff area' : `${count} staff areas`;
}
