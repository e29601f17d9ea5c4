import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runSetup, useTemporaryDir, writeProgram } from './separate-process.ts';

const CONTENT = 'the bytes of a wheel';
const FILE = 'some_tool-1.2.0-py3-none-manylinux2014_x86_64.whl';
const DOWNLOAD = `
  const { downloadWheel } = await load('wheel');
  const wheel = { name: 'some-tool', version: '1.2.0', python: 'py3', arch: 'x86_64' };
  console.log(await downloadWheel(wheel, process.env.DIR, process.env.DIR + '/log'));`;

describe('downloading a wheel', () => {
  const dir = useTemporaryDir();
  let index: Server;
  let digest: string;
  const environment = () => ({ DIR: dir(), PATH: join(dir(), 'bin'), PIP_INDEX_URL: `http://127.0.0.1:${(index.address() as AddressInfo).port}/simple/` });

  beforeEach(async () => {
    digest = createHash('sha256').update(CONTENT).digest('hex');
    index = createServer((request, response) => {
      if (request.url === `/files/${FILE}`) return void response.end(CONTENT);
      if (request.url !== '/simple/some-tool/') return void response.writeHead(404).end();
      const names = [FILE.replace('1.2.0', '1.1.0'), FILE.replace('x86_64', 'aarch64'), FILE.replace('manylinux2014', 'win'), FILE];
      response.end(JSON.stringify({ files: names.map((filename) => ({ filename, url: `../../files/${filename}`, hashes: { sha256: digest } })) }));
    });
    await new Promise<void>((resolve) => index.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => index.close(resolve)));

  it('works without Python: the index names the file for this version and platform', async () => {
    const { code, stdout } = await runSetup(DOWNLOAD, environment());
    assert.equal(code, 0);
    assert.equal(stdout.trim(), join(dir(), FILE));
    assert.equal(readFileSync(join(dir(), FILE), 'utf8'), CONTENT);
  });

  it('refuses a file whose digest is not the one that the index tells', async () => {
    digest = 'f'.repeat(64);
    const { code, stderr } = await runSetup(DOWNLOAD, environment());
    assert.equal(code, 1);
    assert.match(stderr, /came damaged/);
  });

  it('says so when there is none for this platform', async () => {
    const { code, stderr } = await runSetup(DOWNLOAD.replace("'x86_64'", "'riscv64'"), environment());
    assert.equal(code, 1);
    assert.match(stderr, /no wheel of some-tool 1.2.0 for py3 on riscv64/);
  });

  it('says so when the index is out of reach', async () => {
    const gone = environment();
    await new Promise((resolve) => index.close(resolve));
    const { code, stderr } = await runSetup(DOWNLOAD, gone);
    assert.equal(code, 1);
    assert.match(stderr, /can't be reached \(ECONNREFUSED\)/);
  });

  it('is left to pip where there is one, which knows the mirrors of the machine', async () => {
    writeProgram(join(dir(), 'bin/python3'), `[ "$3" = --version ] || { echo "$@" > "$DIR/arguments"; : > "$DIR/by-pip.whl"; }`);
    const { stdout } = await runSetup(DOWNLOAD, environment());
    assert.equal(stdout.trim(), join(dir(), 'by-pip.whl'));
    assert.match(readFileSync(join(dir(), 'arguments'), 'utf8'), /--platform=manylinux2014_x86_64 .* some-tool==1\.2\.0$/m);
  });

  it('does without a Python that has no pip', async () => {
    writeProgram(join(dir(), 'bin/python3'), 'exit 1');
    assert.equal((await runSetup(DOWNLOAD, environment())).stdout.trim(), join(dir(), FILE));
  });
});
