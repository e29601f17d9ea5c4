import { join } from 'node:path';
import { ensureGoPrograms } from '../go-programs.ts';

/** Executes workflows on this machine. */
const ACT_VERSION = '0.2.89';
/** Checks workflows, their expressions, and the inputs of local actions. */
const ACTIONLINT_VERSION = '1.7.12';

/**
 * The path of act, built from source the first time.
 *
 * @throws SetupProblem when it can't be built
 */
export async function ensureAct(): Promise<string> {
  const directory = await ensureGoPrograms({
    name: `act-${ACT_VERSION}`,
    duration: '2 to 6 minutes',
    packages: { act: 'github.com/nektos/act' },
    goMod: `module programs\ngo 1.26\nrequire github.com/nektos/act v${ACT_VERSION}\n`,
    ldflags: `-X main.version=${ACT_VERSION}`,
  });
  return join(directory, 'act');
}

/**
 * The path of actionlint, built from source the first time.
 *
 * @throws SetupProblem when it can't be built
 */
export async function ensureActionlint(): Promise<string> {
  const directory = await ensureGoPrograms({
    name: `actionlint-${ACTIONLINT_VERSION}`,
    duration: 'a minute',
    packages: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
    goMod: `module programs\ngo 1.26\nrequire github.com/rhysd/actionlint v${ACTIONLINT_VERSION}\n`,
  });
  return join(directory, 'actionlint');
}
