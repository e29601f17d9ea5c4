import { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { shortSha } from '../../domain/git-sha.ts';
import type { ModelCard, ModelManifest } from '../../domain/model.ts';
import { toPercent, toTotal } from '../../domain/wording.ts';
import { toAccuracyText, toClassTable, toConfidenceFacts, toConfusionTable } from '../output/evaluation-text.ts';
import { toDuration, toJson, toMinute } from '../output/format.ts';
import { toFacts } from '../output/facts.ts';
import { toRobustnessTables } from '../output/robustness-text.ts';
import { toTable } from '../output/table.ts';
import { findVersion } from '../find-version.ts';
import { listOrNone, openStores } from '../open-stores.ts';
import { createMistakesCommand } from './models-mistakes.ts';

export function createModelsCommand(): Command {
  const list = new Command('list')
    .summary('all registered versions (also what `barometer models` alone prints)')
    .description('Lists all registered versions, the newest first: which is the latest, which was it before, and how well they do.')
    .option('--json', 'print JSON')
    .action(listModels);
  return new Command('models')
    .summary('registered models: list, show, look at mistakes, roll back')
    .description('Lists the registered models, shows the card of one or what it takes for something else, or goes back to the one before.')
    .addCommand(list, { isDefault: true })
    .addCommand(
      new Command('show')
        .summary('the card of a version: data, training, accuracy, confusion')
        .description('Shows what a version was trained on and how, how well it does on unseen images, and what it takes for what.')
        .argument('<version>', 'a version number, or "latest"')
        .option('--json', 'print JSON')
        .action(showModel),
    )
    .addCommand(createMistakesCommand())
    .addCommand(
      new Command('rollback')
        .summary('make the previous version the latest again')
        .description('Makes the previous version the latest again; the API follows within seconds. A second time undoes that.')
        .option('--json', 'print JSON')
        .action(rollBack),
    );
}

async function listModels({ json }: { json?: true }): Promise<void> {
  const { registry } = openStores(loadConfig());
  const models = await listOrNone(registry.list());
  if (models.length === 0) {
    console.log(json ? toJson([]) : 'No model is registered yet. Make one with `barometer run`.');
    return;
  }
  const [latest, previous] = await Promise.all([registry.resolveAlias('latest'), registry.resolveAlias('previous')]);
  const aliasesOf = ({ version }: ModelManifest) => [
    ...(version === latest?.version ? ['latest'] : []),
    ...(version === previous?.version ? ['previous'] : []),
  ];
  if (json) {
    console.log(toJson(models.map((model) => ({ ...model, aliases: aliasesOf(model) }))));
    return;
  }
  const rows = models.toReversed().map((model) => [
    String(model.version),
    aliasesOf(model).join(', '),
    toPercent(model.accuracy),
    shortSha(model.gitSha),
    model.datasetVersion,
    toMinute(model.registeredAt),
  ]);
  console.log(toTable(['version', 'alias', 'accuracy', 'commit', 'data set', 'registered (UTC)'], rows));
}

async function showModel(which: string, { json }: { json?: true }): Promise<void> {
  const { registry } = openStores(loadConfig());
  const { manifest, card } = await registry.read(await findVersion(registry, which), []);
  console.log(json ? toJson({ ...manifest, card }) : toCardText(manifest, card));
}

async function rollBack({ json }: { json?: true }): Promise<void> {
  const { registry } = openStores(loadConfig());
  const { from, to } = await registry.rollback();
  console.log(json ? toJson({ from, to }) : `Version ${to} is the latest now; it was version ${from}. \`barometer models rollback\` again undoes this.`);
}

/** Said where a run took over what an earlier one had trained: its own commit is on the version, but did not train it. */
function toTrainedBy({ runName }: ModelManifest, { training: { spec } }: ModelCard): [string, string][] {
  return spec.runName === runName ? [] : [['trained by', `run ${spec.runName} of commit ${spec.gitSha}`]];
}

function toCardText(manifest: ModelManifest, card: ModelCard): string {
  const { evaluation, data, training, gate } = card;
  const facts: [string, string][] = [
    ['commit', manifest.gitSha],
    ['registered', `${toMinute(manifest.registeredAt)} UTC by run ${manifest.runName}`],
    ['data', `${data.splitVersion}: ${toTotal(data.counts.train)} to train on, ${toTotal(data.counts.validation)} to validate, ${toTotal(data.counts.test)} to test`],
    ['training', `${training.epochs} epochs in ${toDuration(training.seconds * 1000)}, ${Math.round(training.imagesPerSecond)} images/s; best epoch ${training.bestEpoch}`],
    ...toTrainedBy(manifest, card),
    ['network', `${training.parameters.toLocaleString('en')} parameters; ONNX differs by at most ${training.parity.largestDifference.toExponential(1)}`],
    ['accuracy', toAccuracyText(evaluation)],
    ...(card.confidence === null ? [] : toConfidenceFacts(card.confidence, training.certainty, evaluation.samples)),
    ['gate', gate.reason],
  ];
  return [
    `${manifest.name} version ${manifest.version}`,
    '',
    toFacts(facts),
    '',
    toClassTable(evaluation),
    '',
    toConfusionTable(evaluation),
    ...(card.robustness === null ? [] : ['', toRobustnessTables(card.robustness)]),
  ].join('\n');
}
