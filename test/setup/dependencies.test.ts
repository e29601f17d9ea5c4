import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '../../setup/command.js';
import { runSetup, useTemporaryDir, writeProgram } from './separate-process.ts';

const ENSURE = `const { ensureDependencies } = await load('dependencies'); await ensureDependencies(process.env.ROOT);`;
const WANTED = { packages: { '': { version: '1.0.0' }, 'node_modules/a': { version: '1.2.3' }, 'node_modules/b': { version: '2.0.0', optional: true } } };
// Writes the record that npm leaves, and counts.
const NPM = `echo "$@" >> "$ROOT/npm-calls"; sleep 0.3; rm -rf node_modules; mkdir node_modules; cp package-lock.json node_modules/.package-lock.json`;

describe('the npm packages', () => {
  const dir = useTemporaryDir();
  const environment = () => ({ ROOT: dir(), BAROMETER_CACHE_DIR: join(dir(), 'cache'), PATH: `${join(dir(), 'bin')}:/usr/bin:/bin` });
  const ensure = () => runSetup(ENSURE, environment());
  const calls = () => (existsSync(join(dir(), 'npm-calls')) ? readFileSync(join(dir(), 'npm-calls'), 'utf8') : '');
  const writeLock = (lock: object) => writeFileSync(join(dir(), 'package-lock.json'), JSON.stringify(lock));
  const writeRecord = (record: object) => {
    mkdirSync(join(dir(), 'node_modules'), { recursive: true });
    writeFileSync(join(dir(), 'node_modules/.package-lock.json'), JSON.stringify(record));
  };
  beforeEach(() => {
    assert.ok(findOnPath('sh', { PATH: '/usr/bin:/bin' }));
    writeProgram(join(dir(), 'bin/npm'), NPM);
    writeLock(WANTED);
  });

  it('are installed when there are none, and not again', async () => {
    const { code, stderr } = await ensure();
    assert.equal(code, 0);
    assert.match(stderr, /installing the npm packages: done/);
    assert.deepEqual(await ensure(), { code: 0, stdout: '', stderr: '' });
    assert.equal(calls(), 'ci\n');
  });

  it('are installed again when the lock file has changed', async () => {
    await ensure();
    writeLock({ packages: { ...WANTED.packages, 'node_modules/a': { version: '1.2.4' } } });
    await ensure();
    assert.equal(calls(), 'ci\nci\n');
  });

  it('are taken as they are where someone ran npm themselves, without those of other platforms', async () => {
    writeRecord({ packages: { 'node_modules/a': { version: '1.2.3' } } });
    assert.equal((await ensure()).code, 0);
    assert.equal(calls(), '');
  });

  it('are installed when one is missing or in another version', async () => {
    writeRecord({ packages: { 'node_modules/b': { version: '2.0.0' } } });
    await ensure();
    assert.equal(calls(), 'ci\n');
    writeRecord({ packages: { 'node_modules/a': { version: '1.0.0' } } });
    writeFileSync(join(dir(), 'node_modules/.barometer-lock-sha256'), 'of an older lock file');
    await ensure();
    assert.equal(calls(), 'ci\nci\n');
  });

  it('are installed once by two set-ups at the same time', async () => {
    const endings = await Promise.all([ensure(), ensure()]);
    assert.deepEqual(endings.map(({ code }) => code), [0, 0]);
    assert.equal(calls(), 'ci\n');
  });

  it('that can not be installed are a problem that shows what npm said, and are tried again', async () => {
    writeProgram(join(dir(), 'bin/npm'), 'echo "npm error E404"; echo "npm error Usage:"; seq 1 99; mkdir -p node_modules; exit 1');
    const { code, stderr } = await ensure();
    assert.equal(code, 1);
    assert.match(stderr, /npm ci failed \(exit 1\)[^]*E404[^]*npm-ci\.log/);
    writeProgram(join(dir(), 'bin/npm'), NPM);
    assert.equal((await ensure()).code, 0);
    assert.equal(calls(), 'ci\n');
  });
});
