import { shortSha } from '../../domain/git-sha.ts';
import type { Notification } from '../../domain/notification.ts';
import { toPercent } from '../../domain/wording.ts';

type Text = { readonly type: 'plain_text' | 'mrkdwn'; readonly text: string };

/** A message as Slack's incoming webhooks take it: blocks, and text for where blocks can't be shown. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly (
    | { readonly type: 'header'; readonly text: Text }
    | { readonly type: 'section'; readonly text: Text }
    | { readonly type: 'section'; readonly fields: readonly Text[] }
    | { readonly type: 'context'; readonly elements: readonly Text[] }
  )[];
}

const TITLES: Readonly<Record<Notification['event'], string>> = {
  'approval-needed': 'A rollout waits for approval',
  succeeded: 'A run has succeeded',
  rejected: 'A candidate was turned away by the gate',
  'not-approved': 'A rollout was not approved',
  failed: 'A run has failed',
  cancelled: 'A run was cancelled',
  test: 'Notifications arrive here',
};

/** Slack refuses what is longer: 3000 in a section, with room for what escaping adds to the rest. */
const MOST_CHARACTERS = 2_500;

export function toSlackMessage(notification: Notification): SlackMessage {
  const { event, run, reason, gitSha, at } = notification;
  const title = TITLES[event];
  const lines = [...(reason === null ? [] : [toMarkdown(reason)]), ...toApprovalLines(notification)];
  return {
    text: `${title}: ${toMarkdown(run.name)}`,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title } },
      ...(lines.length === 0 ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n') } } as const]),
      { type: 'section', fields: toFacts(notification).map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${value}` })) },
      { type: 'context', elements: [{ type: 'mrkdwn', text: `${toLink(run.url, 'Open in Temporal')} · commit \`${shortSha(gitSha)}\` · ${at}` }] },
    ],
  };
}

function toFacts({ run, step, accuracy, accuracyInterval, champion, model, release }: Notification): [string, string][] {
  const interval = accuracyInterval === null ? '' : ` (${toPercent(accuracyInterval.lower)} – ${toPercent(accuracyInterval.upper)})`;
  return [
    ['Run', toMarkdown(run.name)],
    ...(step === null ? [] : [['Step', step] satisfies [string, string]]),
    ...(accuracy === null ? [] : [['Accuracy', `${toPercent(accuracy)}${interval}`] satisfies [string, string]]),
    ...(champion === null ? [] : [[`Version ${champion.version}`, `${toPercent(champion.accuracy)}, candidate ${toPercent(champion.candidateAccuracy)}`] satisfies [string, string]]),
    ...(model === null ? [] : [['Model', `${toMarkdown(model.name)} version ${model.version}`] satisfies [string, string]]),
    ...(release === null ? [] : [['Rolled out', `model version ${release.modelVersion}`] satisfies [string, string]]),
  ];
}

function toApprovalLines({ event, approval }: Notification): string[] {
  if (approval === null) return [];
  if (event === 'approval-needed') return [`Until ${approval.deadline}: \`${toMarkdown(approval.approve)}\` or \`${toMarkdown(approval.reject)}\``];
  return approval.by === null ? [] : [`${approval.decision === 'approved' ? 'Approved' : 'Rejected'} by ${toMarkdown(approval.by)}.`];
}

/** Cut before it is escaped, so that no entity is cut in two. */
function toMarkdown(text: string): string {
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return cut.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function toLink(url: string, label: string): string {
  return `<${encodeURI(url).replaceAll('|', '%7C').replaceAll('&', '&amp;')}|${label}>`;
}
