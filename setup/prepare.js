import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inCache } from './cache.js';
import { ensureDependencies } from './dependencies.js';
import { ensureNode } from './node.js';
import { ensureTemporal, findTemporal } from './temporal.js';
import { ensureTensorflow } from './tensorflow.js';

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Node keeps what it made of each source file: a program of this project then starts in half of the time. */
const COMPILED_ONCE = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? inCache('compiled') };

/**
 * Makes a bare clone ready: the npm packages and a suitable Node always, and what `needs` names. Steps that don't depend on
 * each other run at the same time. What is there already is left alone, and then this takes milliseconds and no network.
 *
 * @param {import('./needs.js').Need[]} needs
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv, problems: unknown[] }>} the Node to run Barometer with, what to
 *   add to its environment, and which needs could not be met. Rejects without Node or the npm packages.
 */
export async function prepare(needs) {
  const node = ensureNode();
  const packages = ensureDependencies(root);
  const tensorflow = needs.includes('tensorflow') ? ensureTensorflow(root, packages) : undefined;
  const temporal = needs.includes('temporal') ? ensureTemporal() : undefined;
  // All of them, whatever fails: half an installation would be lost otherwise, and every problem is told at once.
  const [base, met] = await Promise.all([Promise.allSettled([node, packages]), Promise.allSettled([tensorflow, temporal])]);
  const missing = problemsOf(base);
  if (missing.length > 0) throw new AggregateError(missing);
  // Who only looks what is there (`doctor`) is told, too, where an earlier start has put it.
  const cli = temporal ? await temporal.catch(() => undefined) : process.env['BAROMETER_TEMPORAL_CLI'] || findTemporal();
  return { node: await node, env: { ...COMPILED_ONCE, ...(cli && { BAROMETER_TEMPORAL_CLI: cli }) }, problems: problemsOf(met) };
}

/** @param {PromiseSettledResult<unknown>[]} results */
function problemsOf(results) {
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}
