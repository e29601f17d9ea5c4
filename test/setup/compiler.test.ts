import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runSetup, useTemporaryDir, writeProgram } from './separate-process.ts';

const OTHER = process.arch === 'arm64' ? 'x64' : 'arm64';
const OTHER_MACHINE = OTHER === 'arm64' ? 'aarch64' : 'x86_64';
const FIND = `const { ensureCompiler } = await load('compiler'); console.log(JSON.stringify(await ensureCompiler(process.env.ARCH)));`;

describe('the C++ compiler', () => {
  const dir = useTemporaryDir();
  const find = async (more: NodeJS.ProcessEnv) => {
    const { code, stdout, stderr } = await runSetup(FIND, { PATH: join(dir(), 'bin'), BAROMETER_CACHE_DIR: join(dir(), 'cache'), PIP_INDEX_URL: 'http://127.0.0.1:1', ...more });
    return { code, stderr, compiler: code === 0 ? (JSON.parse(stdout) as { command: string; args: string[] }) : undefined };
  };

  it('for this machine is the one that CXX names, or the first on PATH', async () => {
    writeProgram(join(dir(), 'bin/g++'), 'true');
    const mine = writeProgram(join(dir(), 'bin/mine'), 'true');
    assert.equal((await find({ ARCH: process.arch })).compiler?.command, join(dir(), 'bin/g++'));
    assert.equal((await find({ ARCH: process.arch, CXX: 'mine' })).compiler?.command, mine);
  });

  it("for another processor is Debian's cross compiler, whatever CXX says", async () => {
    writeProgram(join(dir(), 'bin/g++'), 'true');
    const cross = writeProgram(join(dir(), `bin/${OTHER_MACHINE}-linux-gnu-g++`), 'true');
    assert.equal((await find({ ARCH: OTHER, CXX: 'g++' })).compiler?.command, cross);
  });

  it('is Zig, told the processor, where there is no other', async () => {
    writeProgram(join(dir(), 'bin/g++'), 'true');
    const zig = writeProgram(join(dir(), 'cache/ziglang-0.13.0/zig'), 'true');
    const { compiler } = await find({ ARCH: OTHER });
    assert.equal(compiler?.command, zig);
    assert.ok(compiler.args.includes(`${OTHER_MACHINE}-linux-gnu.2.17`));
  });

  it('that can not be had is explained', async () => {
    const { code, stderr } = await find({ ARCH: OTHER });
    assert.equal(code, 1);
    assert.match(stderr, /can't be reached/);
  });
});
