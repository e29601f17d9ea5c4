import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsOf } from '../../setup/needs.js';
import { TEMPORAL_CLI_VERSION } from '../../setup/temporal.js';
import { repository, toEnding, useTemporaryDir, writeProgram } from './separate-process.ts';

describe('the barometer command', () => {
  const dir = useTemporaryDir();
  const start = (main: string, args: string[] = [], cwd = dir(), env: NodeJS.ProcessEnv = {}): ChildProcess => {
    writeFileSync(join(dir(), 'clone/cli/main.ts'), main);
    return spawn(process.execPath, [join(dir(), 'clone/setup/barometer.js'), ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  };

  // A clone that is set up already: what set-up does otherwise is tested piece by piece.
  beforeEach(() => {
    cpSync(join(repository, 'setup'), join(dir(), 'clone/setup'), { recursive: true });
    mkdirSync(join(dir(), 'clone/cli'));
    mkdirSync(join(dir(), 'clone/node_modules'));
    for (const path of ['package-lock.json', 'node_modules/.package-lock.json']) writeFileSync(join(dir(), 'clone', path), '{ "packages": {} }');
    writeFileSync(join(dir(), 'clone/package.json'), '{ "type": "module" }');
  });

  it('hands its arguments over, in the directory of the caller, and prints nothing of its own', async () => {
    const main = `const rest: string[] = process.argv.slice(2); console.log(JSON.stringify([process.cwd(), ...rest]));`;
    mkdirSync(join(dir(), 'elsewhere'));
    const ending = await toEnding(start(main, ['run', '--name', 'two words', '*'], join(dir(), 'elsewhere')));
    assert.deepEqual(ending, { code: 0, stdout: `${JSON.stringify([join(dir(), 'elsewhere'), 'run', '--name', 'two words', '*'])}\n`, stderr: '' });
  });

  it('tells every command where the Temporal CLI is that an earlier start has installed, and installs none for it', async () => {
    const main = `console.log(process.env['BAROMETER_TEMPORAL_CLI']);`;
    const env = { BAROMETER_TEMPORAL_CLI: '', BAROMETER_CACHE_DIR: join(dir(), 'cache'), PATH: join(dir(), 'nothing') };
    assert.deepEqual(await toEnding(start(main, ['doctor'], dir(), env)), { code: 0, stdout: '\n', stderr: '' });
    const cached = writeProgram(join(dir(), `cache/temporal-cli-${TEMPORAL_CLI_VERSION}/temporal`), 'true');
    assert.equal((await toEnding(start(main, ['doctor'], dir(), env))).stdout.trim(), cached);
    assert.equal((await toEnding(start(main, ['doctor'], dir(), { ...env, BAROMETER_TEMPORAL_CLI: '/mine' }))).stdout.trim(), '/mine');
  });

  it('ends with the exit code of what it ran', async () => {
    assert.equal((await toEnding(start('process.exitCode = 7;'))).code, 7);
    assert.equal((await toEnding(start(`process.kill(process.pid, 'SIGKILL');`))).code, 137);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`passes ${signal} on, and waits for the orderly end`, async () => {
      const child = start(`
        let received = 0;
        setInterval(() => {}, 1_000);
        process.on('${signal}', () => {
          received += 1;
          setTimeout(() => { console.log('ended after', received); process.exit(5); }, 300);
        });
        console.log('ready');`);
      child.stdout!.once('data', () => child.kill(signal));
      const { code, stdout } = await toEnding(child);
      assert.equal(stdout, 'ready\nended after 1\n');
      assert.equal(code, 5);
    });
  }

  it('sets up only what a command needs', () => {
    assert.deepEqual(needsOf(['up', '--data', 'faces']), ['tensorflow', 'temporal']);
    assert.deepEqual(needsOf(['worker']), ['tensorflow']);
    assert.deepEqual(needsOf(['predict', 'up']), []);
    assert.deepEqual(needsOf(['up', '--help']), []);
    assert.deepEqual(needsOf(['constructor']), []);
    assert.deepEqual(needsOf([]), []);
  });
});
