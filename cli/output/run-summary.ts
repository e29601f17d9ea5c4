import { toCandidateLabel } from '../../domain/candidates.ts';
import type { CandidateState } from '../../domain/run-state.ts';
import { toPercent } from '../../domain/wording.ts';
import type { RunEnd } from '../pipeline-runs.ts';
import { toDecisionText } from './approval-text.ts';

/** What became of a run, in a few lines for people. */
export function toRunSummary(end: RunEnd): string {
  if (end.status !== 'succeeded') return `\nThe run ${end.status === 'failed' ? 'failed' : 'was stopped'}: ${end.reason}`;
  const { runName, outcome, candidates, model, gate, accuracy, datasetVersion, splitVersion, images, approval, release } = end.state;
  const lines = [
    (outcome === 'registered' || outcome === 'not-approved') && model !== null ? `Registered ${model.name} version ${model.version}.` : undefined,
    outcome === 'rejected' ? 'The candidate was turned away.' : undefined,
    outcome === 'not-approved' ? `Not rolled out: ${approval === null ? 'it was not approved' : toDecisionText(approval)}.` : undefined,
    outcome === 'completed' ? 'Done; nothing was trained.' : undefined,
    gate === null ? undefined : `  gate      ${gate.reason}`,
    accuracy === null ? undefined : `  accuracy  ${toPercent(accuracy)} of unseen images`,
    candidates.length === 0 ? undefined : `  tried     ${candidates.map(toTried).join(', ')}`,
    datasetVersion === null ? undefined : `  data      ${splitVersion ?? datasetVersion}`,
    ...images.map(({ reference, digest }, index) => `  ${index === 0 ? 'images  ' : '        '}  ${reference}\n              ${digest}`),
    release === null ? undefined : `  released  model version ${release.modelVersion}; \`barometer port-forward\` leads to it`,
    `  run       ${runName}`,
  ];
  return `\n${lines.filter((line) => line !== undefined).join('\n')}`;
}

function toTried({ name, validationAccuracy }: CandidateState): string {
  return `${toCandidateLabel(name) ?? name} ${validationAccuracy === null ? 'failed' : toPercent(validationAccuracy)}`;
}
