import { fileURLToPath } from 'node:url';
import { aborted } from 'node:util';
import { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';
import { startStack, toEmbeddedConfig } from '../embedded/stack.ts';
import { prepareModel, toAddresses } from '../embedded/prepare-model.ts';
import { createEndSignal } from '../end-signal.ts';
import { openImportSource } from '../import-source.ts';
import { toDuration } from '../output/format.ts';

interface UpOptions {
  readonly data?: string;
  readonly exit?: boolean;
}

/** Commits that runs of the embedded stack are named by: this code's own, wherever the command is typed. */
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export function createUpCommand(): Command {
  return new Command('up')
    .summary('everything on this machine: Temporal, storage, worker, API, and a first model')
    .description('Starts the embedded stack and stays in the foreground until ctrl-C. Where no model is registered yet, it runs the pipeline first: on your images with --data, otherwise on synthetic faces that it draws. State is kept in .barometer/ and survives restarts.')
    .option('--data <dir>', 'import DIR/<label>/* first, and run the pipeline if that brought new images')
    .option('--exit', 'end after the run and one printed prediction; exit code 0 only if all of it worked')
    .action(async (options: UpOptions) => {
      process.exitCode = await up(options);
    });
}

async function up({ data, exit = false }: UpOptions): Promise<number> {
  const config = toEmbeddedConfig(loadConfig());
  const signal = createEndSignal();
  // A mistyped directory is told of at once, not when everything has started.
  const source = data === undefined ? {} : { source: await openImportSource(data) };
  let startedAt = 0;
  const stack = await startStack({
    config,
    signal,
    onStarting: (what) => {
      startedAt = Date.now();
      if (process.stderr.isTTY) process.stderr.write(`  ▸ ${what} …\r`);
    },
    onReady: (what, where) => {
      console.error(`  ✔ ${what.padEnd(10)} ${where.padEnd(26)} ${toDuration(Date.now() - startedAt).padStart(8)}`);
    },
  });
  const interrupted = aborted(signal, signal).then(() => 'interrupted' as const);
  try {
    const prepared = await Promise.race([
      prepareModel({ config, repository: REPOSITORY, signal, ...source }),
      interrupted,
      stack.broken,
    ]);
    if (prepared === 'interrupted') return 130;
    if (exit) return prepared ? 0 : 1;
    console.error(toAddresses(config));
    await Promise.race([interrupted, stack.broken]);
    return 0;
  } finally {
    console.error('\nEnding …');
    await stack.stop();
  }
}
