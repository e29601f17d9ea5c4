import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, runCommand } from '../../setup/command.js';
import { SetupProblem } from '../../setup/problem.js';
import { useTemporaryDir, writeProgram } from './separate-process.ts';

describe('a command of set-up', () => {
  const dir = useTemporaryDir();
  const log = () => join(dir(), 'log');

  it('writes what it prints to the log, and shows each line to who watches', async () => {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    await runCommand(writeProgram(join(dir(), 'two'), 'echo one; echo two >&2'), ['x'], { log: log(), onLine });
    assert.deepEqual(lines.sort(), ['one', 'two']);
    assert.match(readFileSync(log(), 'utf8'), /^\$ .*\/two x\n(one\ntwo|two\none)\n$/);
  });

  it('that fails tells its exit code, its last twenty lines and where the rest is', async () => {
    const program = writeProgram(join(dir(), 'fails'), 'for i in $(seq 1 30); do echo "line $i"; done; exit 3');
    await assert.rejects(runCommand(program, [], { log: log() }), (error) => {
      assert.ok(error instanceof SetupProblem);
      assert.match(error.message, /exit 3/);
      assert.doesNotMatch(error.message, /line 10\n/);
      assert.match(error.message, /line 11\n[^]*line 30\n/);
      assert.ok(error.message.endsWith(log()));
      return true;
    });
  });

  it('that is not there is a problem too', async () => {
    await assert.rejects(runCommand(join(dir(), 'absent'), [], { log: log() }), /ENOENT/);
  });

  it('is ended when it takes too long', async () => {
    const startedAt = Date.now();
    await assert.rejects(runCommand('/bin/sleep', ['30'], { log: log(), timeoutMs: 200 }), /no end within 0.2 s/);
    assert.ok(Date.now() - startedAt < 5_000);
  });

  it('is found on PATH if it is an executable file, in the order of PATH', () => {
    mkdirSync(join(dir(), 'a', 'tool'), { recursive: true });
    const tool = writeProgram(join(dir(), 'b', 'tool'), 'true');
    writeProgram(join(dir(), 'c', 'tool'), 'true');
    assert.equal(findOnPath('tool', { PATH: ['a', 'b', 'c'].map((name) => join(dir(), name)).join(':') }), tool);
    assert.equal(findOnPath('tool', { PATH: join(dir(), 'a') }), undefined);
    assert.equal(findOnPath('tool', {}), undefined);
  });
});
