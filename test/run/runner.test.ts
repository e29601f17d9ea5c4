import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, toEnding, useTemporaryDir } from '../setup/separate-process.ts';
import type { Ending } from '../setup/separate-process.ts';
import { toLanes } from './lanes.js';
import { toMochaArguments, toResults } from './mocha.js';

describe('npm test', () => {
  const dir = useTemporaryDir();

  // A clone that is set up, with tests of its own.
  beforeEach(() => {
    for (const path of ['setup', 'test/run', '.mocharc.json', 'package.json', 'package-lock.json']) {
      cpSync(join(repository, path), join(dir(), path), { recursive: true, filter: (source) => !source.endsWith('.test.ts') });
    }
    symlinkSync(join(repository, 'node_modules'), join(dir(), 'node_modules'));
    mkdirSync(join(dir(), 'test/some'));
  });

  const writeTests = (name: string, body: string): void => writeFileSync(join(dir(), 'test/some', `${name}.test.ts`), body);
  const run = (...args: string[]): Promise<Ending> => {
    const env = { ...process.env, BAROMETER_TEMPORAL_CLI: '/bin/true' };
    return toEnding(spawn(process.execPath, ['setup/test.js', '--only-mocha', ...args], { cwd: dir(), env, stdio: ['ignore', 'pipe', 'pipe'] }));
  };
  const lastLine = ({ stdout }: Ending): string | undefined => stdout.trimEnd().split('\n').at(-1);

  it('closes with the true numbers, and succeeds when nothing failed', async () => {
    writeTests('a', `it('one', () => {}); it('two', () => {});`);
    const ending = await run();
    assert.equal(lastLine(ending), '2 passed, 0 failed');
    assert.equal(ending.code, 0);
  });

  it('counts what failed and what was skipped', async () => {
    writeTests('a', `it('one', () => {}); it('two', () => { throw new Error('no'); }); it.skip('three', () => {});`);
    const ending = await run();
    assert.match(ending.stdout, /\nFailed:\n✖ two: no\n\n1 skipped\n1 passed, 1 failed\n$/);
    assert.equal(ending.code, 1);
  });

  it('counts a hook that fails, and names it', async () => {
    writeTests('a', `describe('x', () => { before(() => { throw new Error('no'); }); it('one', () => {}); });`);
    assert.match((await run()).stdout, /\n✖ x "before all" hook for "one": no\n\n0 passed, 1 failed\n$/);
  });

  it('counts a test file that can not be loaded', async () => {
    writeTests('a', `import './absent.ts';`);
    writeTests('b', `it('one', () => {});`);
    const ending = await run();
    assert.equal(lastLine(ending), '0 passed, 1 failed');
    assert.equal(ending.code, 1);
  });

  it('counts a crash in the middle', async () => {
    writeTests('a', `it('one', () => {}); it('two', () => process.exit(0)); it('three', () => {});`);
    const ending = await run();
    assert.equal(lastLine(ending), '0 passed, 1 failed');
    assert.equal(ending.code, 1);
  });

  it('fails when there is nothing to run', async () => {
    const ending = await run('--grep', 'no such title');
    assert.match(lastLine(ending) ?? '', /^0 passed, 1 failed/);
    assert.equal(ending.code, 1);
  });

  it('runs a folder, a file or a title alone', async () => {
    writeTests('a', `it('one', () => {}); it('two', () => {});`);
    writeTests('b', `it('three', () => {});`);
    assert.equal(lastLine(await run('test/some/b.test.ts')), '1 passed, 0 failed');
    assert.equal(lastLine(await run('test/some', '--grep', 'two')), '1 passed, 0 failed');
    assert.deepEqual(toMochaArguments(['test/api'], repository), [['test/api/**/*.test.ts']]);
    for (const lane of toMochaArguments(['--grep', 'x'], repository)) assert.deepEqual(lane.slice(0, 2), ['--grep', 'x']);
  });

  it('runs every test of the repository, once, but for the long ones', () => {
    const all = readdirSync(join(repository, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts'));
    const lanes = toLanes(repository);
    assert.equal(lanes.length, 3);
    assert.deepEqual(lanes.flat().sort(), all.filter((path) => !path.startsWith('long/')).map((path) => `test/${path}`).sort());
  });

  it('runs two lanes side by side, counts both, and keeps apart what they print', async () => {
    const waitFor = (own: string, other: string): string => `
      import { existsSync, writeFileSync } from 'node:fs';
      it('${own} meets ${other}', (done) => {
        writeFileSync('${own}', '');
        const timer = setInterval(() => existsSync('${other}') && (clearInterval(timer), console.log('${own} met'), done()), 10);
      });
      it('${own} fails', () => { throw new Error('no'); });`;
    mkdirSync(join(dir(), 'test/e2e'));
    writeTests('a', waitFor('first', 'second'));
    writeTests('../e2e/b', waitFor('second', 'first'));
    const ending = await run();
    assert.equal(lastLine(ending), '2 passed, 2 failed');
    assert.match(ending.stdout, /first met[^]*first fails[^]*second met[^]*second fails[^]*\nFailed:\n✖ first fails: no\n✖ second fails: no\n/);
    assert.doesNotMatch(ending.stdout, /second met\n[^]*first met\n/);
  });

  it('counts something that is left open, and says what', async () => {
    writeTests('a', `import { createServer } from 'node:net'; it('one', (done) => { createServer().listen(0, () => done()); });`);
    const ending = await run('--reporter-option', 'exitLimitMs=500');
    assert.equal(lastLine(ending), '1 passed, 1 failed');
    assert.match(ending.stderr, /something is still open: .*TCPServerWrap/);
  });

  it('believes an exit code that says more than the numbers', () => {
    const report = (failed: number, ...failures: string[]): string => JSON.stringify({ passed: 3, failed, skipped: 0, failures });
    assert.deepEqual(toResults(report(0), 0), { passed: 3, failed: 0, skipped: 0, failures: [] });
    assert.deepEqual(toResults(report(0), 134), { passed: 3, failed: 1, skipped: 0, failures: ['Mocha ended with exit code 134, though no test failed'] });
    assert.deepEqual(toResults(report(2, 'a', 'b'), 2), { passed: 3, failed: 2, skipped: 0, failures: ['a', 'b'] });
    assert.deepEqual(toResults(undefined, 0), { passed: 0, failed: 1, skipped: 0, failures: ['Mocha broke off (exit code 0)'] });
  });
});
