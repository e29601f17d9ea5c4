import { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { createEndSignal } from '../end-signal.ts';
import { openImportSource } from '../import-source.ts';
import { importWithProgress, toImportSummary } from '../import-with-progress.ts';
import { openStores } from '../open-stores.ts';
import { toJson } from '../output/format.ts';

export function createImportCommand(): Command {
  return new Command('import')
    .summary('upload labelled images')
    .description('Uploads images into the raw container, many at once. What is there already is skipped, so that an interrupted import can be begun again. Images that can\'t be read are counted and named, and not uploaded.')
    .argument('<source>', 'a directory with a folder for each label (happy, sad, angry, fearful), or a FER2013 CSV file')
    .option('--json', 'print the result as JSON, with every refused image')
    .action(async (path: string, { json }: { json?: true }) => {
      const config = loadConfig();
      const source = await openImportSource(path);
      const result = await importWithProgress(source, { stores: openStores(config), limits: config.imageLimits, signal: createEndSignal() });
      console.log(json ? toJson(result) : toImportSummary(result));
    });
}
