/** @typedef {'tensorflow' | 'temporal'} Need */

/** @type {Record<string, Need[]>} */
const NEEDS = {
  up: ['tensorflow', 'temporal'],
  worker: ['tensorflow'],
};

/**
 * What a `barometer` command needs besides Node and the npm packages.
 *
 * @param {string[]} args the command line, after `barometer`
 * @returns {Need[]}
 */
export function needsOf(args) {
  if (args.includes('--help') || args.includes('-h')) return [];
  const command = args.find((arg) => !arg.startsWith('-')) ?? '';
  return Object.hasOwn(NEEDS, command) ? (NEEDS[command] ?? []) : [];
}
