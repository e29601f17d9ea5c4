import type { PodStatus, RolloutStatus } from '../../adapters/kubernetes/read-rollout.ts';
import type { ReleaseMarks } from '../../adapters/kubernetes/release-marks.ts';
import { shortSha } from '../../domain/git-sha.ts';
import { toFacts } from './facts.ts';
import { toMinute } from './format.ts';
import { toTable } from './table.ts';

/** What runs in the cluster, for a terminal. */
export function toRolloutText({ namespace, release, note, replicas, pods, revisions }: RolloutStatus): string {
  const { desired, updated, ready } = replicas;
  const facts = toFacts([
    ['release', toRelease(release)],
    ['image', release.image ?? 'unknown'],
    ['rollout', note],
    ['pods', `${ready} of ${desired} ready, ${updated} of them of this release`],
  ]);
  const podRows = pods.map((pod) => [pod.name, toState(pod), String(pod.restarts), toRelease(pod.release), toMinute(pod.createdAt.toISOString())]);
  const revisionRows = revisions.map((each) => [
    `${each.revision}${each.isCurrent ? ' ◂' : ''}`,
    each.release.gitSha === null ? '' : shortSha(each.release.gitSha),
    each.release.modelVersion === null ? '' : String(each.release.modelVersion),
    toMinute(each.createdAt.toISOString()),
  ]);
  return [
    `barometer-api in namespace ${namespace}`,
    facts,
    ...(podRows.length === 0 ? [] : ['', toTable(['pod', 'state', 'restarts', 'release', 'since (UTC)'], podRows)]),
    ...pods.flatMap(({ name, trouble }) => (trouble === null ? [] : [`✘ ${name}: ${trouble.reason}${trouble.message === '' ? '' : `: ${trouble.message}`}`])),
    ...(revisionRows.length === 0 ? [] : ['', toTable(['revision', 'commit', 'model', 'made (UTC)'], revisionRows)]),
  ].join('\n');
}

/** `1a2b3c4 with model version 7`. */
export function toRelease({ gitSha, modelVersion }: ReleaseMarks): string {
  if (gitSha === null) return 'not made by Barometer';
  return `${shortSha(gitSha)}${modelVersion === null ? '' : ` with model version ${modelVersion}`}`;
}

function toState({ phase, ready, trouble }: PodStatus): string {
  if (trouble !== null) return trouble.reason;
  return phase === 'Running' && !ready ? 'Running, not ready' : phase;
}
