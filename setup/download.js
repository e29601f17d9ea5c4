import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SetupProblem } from './problem.js';

/**
 * Asks for `url` and gives the answer, whose body is yet to be read within the same limit.
 *
 * @param {string} url
 * @param {number} limitMs
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Response>} rejects with a {@link SetupProblem} when there is no answer, or none that says success
 */
export async function get(url, limitMs, headers = {}) {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(limitMs) }).catch((error) => {
    throw new SetupProblem(`${new URL(url).origin} can't be reached (${error.cause?.code ?? error.name})`);
  });
  if (!response.ok) throw new SetupProblem(`${toPlace(url)} answered ${response.status}`);
  return response;
}

/**
 * Writes what is at `url` to a file.
 *
 * @param {string} url
 * @param {string} file
 * @param {number} limitMs
 * @returns {Promise<void>} rejects as {@link get} does
 */
export async function download(url, file, limitMs) {
  const { body } = await get(url, limitMs);
  if (!body) throw new SetupProblem(`${toPlace(url)} answered without a body`);
  await pipeline(Readable.fromWeb(/** @type {any} */ (body)), createWriteStream(file));
}

/**
 * Without what may be secret in it: a password for an index, a signature.
 *
 * @param {string} url
 */
function toPlace(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
