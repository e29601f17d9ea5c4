import { shortSha } from '../../domain/git-sha.ts';
import type { RunState } from '../../domain/run-state.ts';
import { toCode, toLink, toMarkdownTable, toText } from './markdown.ts';
import type { ReportedRun } from './reported-run.ts';

/** What the run has left behind, and where: data, model, images, rollout; null where that is nothing. */
export function toMade(state: RunState, { cardUrl, kubeNamespace }: Pick<ReportedRun, 'cardUrl' | 'kubeNamespace'>): string | null {
  const { datasetVersion, splitVersion, model, images, release, approval } = state;
  const card = cardUrl === null ? '' : `, ${toLink('card', cardUrl)}`;
  const rows = [
    ...(datasetVersion === null ? [] : [['data', toCode(splitVersion ?? datasetVersion)]]),
    ...(model === null ? [] : [['model', `${toCode(model.name)} version ${model.version}${card}; ${toCode(`barometer models show ${model.version}`)}`]]),
    ...images.map((image) => [`image ${image.image}`, `${toCode(image.reference)}<br>${toCode(`@${image.digest}`)}`]),
    ...(approval?.decision == null ? [] : [['approval', toDecided(approval)]]),
    ...(release === null ? [] : [['rollout', `commit ${toCode(shortSha(release.gitSha))} with model version ${release.modelVersion} in namespace ${toCode(kubeNamespace)}; ${toCode('barometer rollout')}`]]),
  ];
  return rows.length === 0 ? null : `### What it made\n\n${toMarkdownTable([['what', 'left'], ['where', 'left']], rows)}`;
}

function toDecided({ decision, by, reason }: NonNullable<RunState['approval']>): string {
  return toText([`${decision} ${by === null ? 'because the time was up' : `by ${by}`}`, ...(reason === '' ? [] : [reason])].join(': '));
}
