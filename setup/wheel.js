import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findOnPath, runCommand } from './command.js';
import { download, get } from './download.js';
import { SetupProblem } from './problem.js';

const CONNECT_LIMIT_MS = 10_000;
const DOWNLOAD_LIMIT_MS = 1_800_000;

/** @typedef {{ name: string, version: string, python: string, arch: string }} Wheel */

/**
 * Downloads a wheel from PyPI into `dir`: with pip, which knows the mirrors, proxies and certificates of this machine;
 * without Python, straight from the index (`PIP_INDEX_URL`, else PyPI), checked against the index's digest.
 *
 * @param {Wheel} wheel `python` as in "cp310", or "py3" for any; `arch` as in "x86_64"
 * @param {string} dir
 * @param {string} log
 * @returns {Promise<string>} the path of the wheel
 */
export async function downloadWheel(wheel, dir, log) {
  const python = await findPip(log);
  if (python) {
    await runCommand(python, pipArguments(wheel, dir), { log, timeoutMs: DOWNLOAD_LIMIT_MS });
    const name = readdirSync(dir).find((file) => file.endsWith('.whl'));
    if (!name) throw new SetupProblem(`pip left no wheel of ${wheel.name}==${wheel.version} behind; see ${log}`);
    return join(dir, name);
  }
  return downloadFromIndex(wheel, dir);
}

/**
 * @param {Wheel} wheel
 * @param {string} dir
 */
function pipArguments({ name, version, python, arch }, dir) {
  const platforms = ['manylinux2014', 'manylinux_2_12', 'manylinux_2_17', 'manylinux_2_27', 'manylinux_2_28', 'musllinux_1_1'];
  return [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--progress-bar=off'],
    ...(python === 'py3' ? [] : [`--python-version=${python.replace('cp', '')}`]),
    ...platforms.map((platform) => `--platform=${platform}_${arch}`),
    ...['--dest', dir, `${name}==${version}`],
  ];
}

/** @param {string} log */
async function findPip(log) {
  for (const name of ['python3', 'python']) {
    const python = findOnPath(name);
    const works = python && (await runCommand(python, ['-m', 'pip', '--version'], { log }).then(() => true, () => false));
    if (works) return python;
  }
  return undefined;
}

/**
 * @param {Wheel} wheel
 * @param {string} dir
 */
async function downloadFromIndex({ name, version, python, arch }, dir) {
  const index = (process.env['PIP_INDEX_URL'] ?? 'https://pypi.org/simple').replace(/\/$/, '');
  const headers = { accept: 'application/vnd.pypi.simple.v1+json' };
  const listing = await get(`${index}/${name}/`, CONNECT_LIMIT_MS, headers);
  /** @type {{ files: { filename: string, url: string, hashes: { sha256?: string } }[] }} */
  const { files } = await listing.json();
  const prefix = `${name.replaceAll('-', '_')}-${version}-${python}`;
  const found = files.find(({ filename }) => filename.startsWith(prefix) && filename.includes('manylinux') && filename.endsWith(`${arch}.whl`));
  if (!found) throw new SetupProblem(`${index} has no wheel of ${name} ${version} for ${python} on ${arch}`);
  const target = join(dir, found.filename);
  await download(new URL(found.url, listing.url).href, target, DOWNLOAD_LIMIT_MS);
  const hash = createHash('sha256');
  await pipeline(createReadStream(target), hash);
  if (found.hashes.sha256 !== hash.digest('hex')) throw new SetupProblem(`${found.filename} came damaged; start again`);
  return target;
}
