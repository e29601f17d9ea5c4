import type { RunState } from '../../domain/run-state.ts';
import { toCounts, toTotal } from '../../domain/wording.ts';
import type { ModelCard } from '../../domain/model.ts';
import { toDecisionText } from './approval-text.ts';
import { toAccuracyText, toChampionText, toClassTable } from './evaluation-text.ts';
import { toFacts } from './facts.ts';

export interface DecisionSources {
  readonly state: RunState;
  /** Of the run's candidate; null where there is none, or it can't be read from here. */
  readonly card: ModelCard | null;
  /** What runs in the cluster now, in words; null where that can't be told from here. */
  readonly runsNow: string | null;
}

/** What a person decides about: the model that is to be rolled out, how it does, and what it would take the place of. */
export function toDecisionBasis({ state, card, runsNow }: DecisionSources): string {
  const { runName, gitSha, model, report, gate, images, approval } = state;
  const facts: [string, string | null][] = [
    ['commit', gitSha],
    ['model', model === null ? 'the latest registered version; this run has trained none' : `${model.name} version ${model.version}; \`barometer models show ${model.version}\` has its card`],
    ['data', card === null ? state.splitVersion : `${card.data.splitVersion}: ${toTotal(card.data.counts.train)} to train on (${toCounts(card.data.counts.train)})`],
    ['training', card === null ? null : `best epoch ${card.training.bestEpoch} of ${card.training.epochs}, ${card.training.parameters.toLocaleString('en')} parameters`],
    ['accuracy', report === null ? null : toAccuracyText(report.evaluation)],
    ['champion', report === null ? null : toChampionText(report.champion)],
    ['gate', gate?.reason ?? null],
    ['images', images.length === 0 ? null : images.map(({ reference, isNew }) => `${reference}${isNew ? '' : ' (there before)'}`).join(' ')],
    ['runs now', runsNow ?? 'not known from here; BAROMETER_KUBECONFIG names the cluster to ask'],
    ['approval', approval === null ? null : toDecisionText(approval)],
  ];
  return [
    `The rollout of run ${runName}`,
    toFacts(facts.filter((fact): fact is [string, string] => fact[1] !== null)),
    ...(report === null ? [] : ['', toClassTable(report.evaluation)]),
  ].join('\n');
}
