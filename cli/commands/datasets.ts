import { Command } from 'commander';
import { renderContactSheet } from '../../adapters/vision/contact-sheet.ts';
import { loadConfig } from '../../config/config.ts';
import type { DatasetManifest } from '../../domain/dataset.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import { shortSha } from '../../domain/git-sha.ts';
import { listOrNone, openStores } from '../open-stores.ts';
import { toJson, toMinute } from '../output/format.ts';
import { toTable } from '../output/table.ts';
import { createEndSignal } from '../end-signal.ts';
import { findDataset } from '../find-dataset.ts';
import { writeNamedFile } from '../write-file.ts';
import { createSuspectsCommand } from './datasets-suspects.ts';

/** Samples a label on a contact sheet: enough to see what is wrong, few enough to look at. */
const SAMPLES_PER_LABEL = 60;

export function createDatasetsCommand(): Command {
  return new Command('datasets')
    .summary('processed data sets: list, look at, find wrong labels')
    .description('Lists the data sets that were made of raw images, draws one to look at, or finds images in one that are probably labelled wrongly.')
    .addCommand(
      new Command('list')
        .summary('all versions (also what `barometer datasets` alone prints)')
        .description('Lists all versions, the newest first, with how many images they have of each label and how many were refused.')
        .option('--json', 'print JSON, with every refused image')
        .action(listDatasets),
      { isDefault: true },
    )
    .addCommand(createSuspectsCommand())
    .addCommand(
      new Command('sheet')
        .summary('draw a contact sheet of a version')
        .description('Draws samples of a version, by label, as the network sees them: the quickest way to notice what is wrong with a data set.')
        .argument('<version>', 'a version, or "latest"')
        .requiredOption('--out <file>', 'the PNG to write')
        .action(drawSheet),
    );
}

async function listDatasets({ json }: { json?: true }): Promise<void> {
  const { datasets } = openStores(loadConfig());
  const manifests = await listOrNone(Array.fromAsync(datasets.listDatasets()));
  if (json) {
    console.log(toJson(manifests.map(({ shards, ...rest }) => ({ ...rest, shards: shards.length }))));
    return;
  }
  if (manifests.length === 0) {
    console.log('There is no data set yet. Import images with `barometer import DIR` and run `barometer run`.');
    return;
  }
  const rows = manifests.map((manifest) => [
    manifest.version,
    ...EMOTIONS.map((emotion) => String(manifest.counts[emotion])),
    String(manifest.refused.length),
    toMinute(manifest.createdAt),
  ]);
  console.log(toTable(['version', ...EMOTIONS, 'refused', 'made (UTC)'], rows));
  const newest = manifests[0]!;
  if (newest.refused.length > 0) console.log(`\n${toRefusals(newest)}`);
}

function toRefusals({ version, refused }: DatasetManifest): string {
  const shown = refused.slice(0, 20).map(({ name, reason }) => [name, reason]);
  const rest = refused.length > shown.length ? `\n… and ${refused.length - shown.length} more; --json lists all.` : '';
  return `Refused in ${version}:\n${toTable(['image', 'reason'], shown)}${rest}`;
}

async function drawSheet(which: string, { out }: { out: string }): Promise<void> {
  const { datasets } = openStores(loadConfig());
  const manifest = await findDataset(datasets, which);
  const references = EMOTIONS.flatMap((emotion) =>
    manifest.shards
      .flatMap((shard) => shard.samples.map(({ label, digest }) => ({ label, digest, shard: shard.digest })))
      .filter(({ label }) => label === emotion)
      .slice(0, SAMPLES_PER_LABEL),
  );
  const samples = await Array.fromAsync(datasets.readSamples(references, createEndSignal()));
  const picture = await renderContactSheet(samples, { title: `${manifest.version}, commit ${shortSha(manifest.gitSha)}` });
  await writeNamedFile(out, picture);
  console.log(`${samples.length} samples of ${manifest.version} drawn to ${out}`);
}
