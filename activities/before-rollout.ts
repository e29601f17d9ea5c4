import type { BeforeRollout, ClusterObject } from '../domain/rollout.ts';
import { ROLLOUT_MARKS } from '../domain/rollout.ts';

/**
 * What ran before this run: what is live, but for the objects that an earlier attempt of the run has changed already, which
 * are as that attempt found them. Another run that came in between is what ran before. Returns `live` itself when the run
 * has changed nothing yet.
 */
export function withoutOwnChanges(live: BeforeRollout, runName: string, found: BeforeRollout | null): BeforeRollout {
  const isOwn = live.map(({ was }) => was?.metadata.annotations?.[ROLLOUT_MARKS.runName] === runName);
  if (found === null || !isOwn.includes(true)) return live;
  return live.map((object, index) => {
    const earlier = isOwn[index] === true ? found.find(({ kind, name }) => kind === object.kind && name === object.name) : undefined;
    return earlier ?? object;
  });
}

/** One sentence for the person who reads of a failed rollout. */
export function toWhatRanBefore(before: BeforeRollout): string {
  const deployment = before.find(({ kind }) => kind === 'Deployment')?.was ?? null;
  if (deployment === null) return 'Nothing ran before; what the rollout had made is deleted again.';
  const name = toReleaseName(deployment);
  return `What ran before runs again${name === null ? '' : `: ${name}`}.`;
}

function toReleaseName({ metadata }: ClusterObject): string | null {
  const { [ROLLOUT_MARKS.gitSha]: gitSha, [ROLLOUT_MARKS.modelVersion]: version } = metadata.annotations ?? {};
  return gitSha === undefined || version === undefined ? null : `commit ${gitSha} with version ${version} of the model`;
}
