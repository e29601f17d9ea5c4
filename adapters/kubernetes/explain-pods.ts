import type { ApiState } from './api-state.ts';
import { findApiState } from './api-state.ts';
import type { Cluster } from './cluster.ts';
import { openLog } from './follow-logs.ts';
import type { Event, Metadata, Pod } from './objects.ts';
import { isReady } from './objects.ts';
import { toPodTrouble } from './pod-trouble.ts';
import { newPods, newReplicaSet } from './rollout-progress.ts';

/** Pods of one revision mostly fail alike. */
const MAX_PODS = 2;
const MAX_EVENTS = 3;
const LOG_LINES = 10;
const MAX_LINE_LENGTH = 300;

/**
 * Why the new pods do not come up, by their own account: what their containers wait for or ended with, what the cluster noted
 * about them, and the last lines of their logs. Empty when there is nothing to tell. What can't be asked is left out.
 */
export async function explainPods(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const state = await findApiState(cluster, { signal }).catch(() => null);
  if (state === null) return '';
  const unready = newPods(state).filter((pod) => !isReady(pod) && pod.metadata.deletionTimestamp === undefined);
  if (unready.length === 0) return (await toNoPodsLines(cluster, state, signal)).join('\n');
  const told = await Promise.all(unready.slice(0, MAX_PODS).map((pod) => toPodLines(cluster, pod, signal)));
  const rest = unready.length - told.length;
  return [...told.flat(), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

/** The ReplicaSet says why there is no pod at all. */
async function toNoPodsLines(cluster: Cluster, state: ApiState, signal: AbortSignal): Promise<string[]> {
  const replicaSet = newReplicaSet(state);
  return replicaSet === undefined ? [] : readWarnings(cluster, replicaSet.metadata, signal);
}

async function toPodLines(cluster: Cluster, pod: Pod, signal: AbortSignal): Promise<string[]> {
  const { name } = pod.metadata;
  const trouble = toPodTrouble(pod);
  const heading = trouble === null ? `pod ${name} is not ready${toUnscheduled(pod)}` : `pod ${name}: ${trouble.reason}${trouble.message === '' ? '' : `, ${trouble.message}`}`;
  const [noted, log] = await Promise.all([readWarnings(cluster, pod.metadata, signal), readLastLines(cluster, pod, signal)]);
  // A container that does not run fails its probes, too.
  const warnings = noted.filter((warning) => trouble === null || !warning.startsWith('Unhealthy'));
  return [heading, ...warnings.map(indent), ...(log.length === 0 ? [] : [indent('its last log lines:'), ...log.map(indent).map(indent)])].map(shorten);
}

function toUnscheduled({ status }: Pod): string {
  const condition = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  return condition === undefined ? '' : `, for no node takes it: ${condition.message ?? condition.reason ?? 'no reason given'}`;
}

/** What the cluster noted, the newest last; each kind of note once. */
async function readWarnings(cluster: Cluster, { uid }: Metadata, signal: AbortSignal): Promise<string[]> {
  const query = { fieldSelector: `involvedObject.uid=${uid},type=Warning` };
  const path = `/api/v1/namespaces/${cluster.namespace}/events`;
  const { items } = await cluster.ask<{ items: Event[] }>({ path, query, what: 'events', signal }).catch(() => ({ items: [] }));
  const newest = new Map(items.map(({ reason = '', message = '' }) => [reason, `${reason}: ${message.trim()}`]));
  // Says only that a container is started late, for a reason that its state has.
  newest.delete('BackOff');
  return [...newest.values()].slice(-MAX_EVENTS);
}

/** Of the container's last run: of this one, if it says anything. */
async function readLastLines(cluster: Cluster, { metadata, status }: Pod, signal: AbortSignal): Promise<string[]> {
  const restarted = (status?.containerStatuses ?? []).some(({ restartCount, state }) => restartCount > 0 && state?.running !== undefined);
  for (const previous of restarted ? [true, false] : [false]) {
    const lines = await readLines(cluster, metadata.name, { tailLines: LOG_LINES, previous }, signal).catch(() => []);
    if (lines.length > 0) return lines;
  }
  return [];
}

async function readLines(cluster: Cluster, pod: string, query: Readonly<Record<string, number | boolean>>, signal: AbortSignal): Promise<string[]> {
  const log = await openLog(cluster, pod, query, signal);
  const text = Buffer.concat(await log.toArray()).toString();
  return text.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
}

function indent(line: string): string {
  return `  ${line}`;
}

function shorten(line: string): string {
  const whole = line.replaceAll(/\s*\n\s*/g, ' ');
  return whole.length <= MAX_LINE_LENGTH ? whole : `${whole.slice(0, MAX_LINE_LENGTH - 1)}…`;
}
