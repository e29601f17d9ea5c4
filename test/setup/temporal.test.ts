import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findOnPath } from '../../setup/command.js';
import { TEMPORAL_CLI_VERSION } from '../../setup/temporal.js';
import { runSetup, useTemporaryDir, writeProgram } from './separate-process.ts';

const ENSURE = `const { ensureTemporal } = await load('temporal'); console.log(await ensureTemporal());`;
const NOWHERE = 'http://127.0.0.1:1';
/** How a program that stands for Go says that it is new enough. */
const GO_VERSION = '[ "$1" = env ] && echo go1.26.0 && exit';
const ENTRY = `temporal-cli-${TEMPORAL_CLI_VERSION}/temporal`;

describe('the Temporal CLI', () => {
  const dir = useTemporaryDir();
  const environment = () => ({
    BAROMETER_CACHE_DIR: join(dir(), 'cache'),
    // What a build or an unpacking needs, and neither Go nor Python nor a Temporal that this machine may have.
    PATH: `${join(dir(), 'bin')}:${join(dir(), 'system')}`,
    BAROMETER_TEMPORAL_DOWNLOAD: NOWHERE,
    PIP_INDEX_URL: NOWHERE,
  });
  beforeEach(() => {
    mkdirSync(join(dir(), 'system'));
    for (const name of ['sh', 'chmod', 'tar', 'gzip']) symlinkSync(findOnPath(name)!, join(dir(), 'system', name));
  });
  const ensure = (more: NodeJS.ProcessEnv = {}) => runSetup(ENSURE, { ...environment(), ...more });

  it('is the one that BAROMETER_TEMPORAL_CLI names, before all others', async () => {
    writeProgram(join(dir(), 'bin/temporal'), 'true');
    const named = writeProgram(join(dir(), 'mine'), 'true');
    assert.equal((await ensure({ BAROMETER_TEMPORAL_CLI: named })).stdout.trim(), named);
  });

  it('is not looked for elsewhere when the named one is missing', async () => {
    writeProgram(join(dir(), 'bin/temporal'), 'true');
    const { code, stderr } = await ensure({ BAROMETER_TEMPORAL_CLI: join(dir(), 'absent') });
    assert.equal(code, 1);
    assert.match(stderr, /BAROMETER_TEMPORAL_CLI names .*absent, which is not an executable file/);
  });

  it('is the one on PATH, before the one in the cache', async () => {
    writeProgram(join(dir(), 'cache', ENTRY), 'true');
    const installed = writeProgram(join(dir(), 'bin/temporal'), 'true');
    assert.equal((await ensure()).stdout.trim(), installed);
  });

  it('is the one in the cache, without a word', async () => {
    const cached = writeProgram(join(dir(), 'cache', ENTRY), 'true');
    assert.deepEqual(await ensure(), { code: 0, stdout: `${cached}\n`, stderr: '' });
  });

  it('is built with Go where it can not be downloaded, for the next start too', async () => {
    writeProgram(join(dir(), 'bin/go'), `${GO_VERSION}; echo "$@" > "${dir()}/go-arguments"; printf '#!/bin/sh\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`);
    const { code, stdout, stderr } = await ensure();
    assert.equal(code, 0);
    assert.equal(stdout.trim(), join(dir(), 'cache', ENTRY));
    assert.match(stderr, /building the Temporal CLI/);
    assert.match(readFileSync(join(dir(), 'go-arguments'), 'utf8'), new RegExp(`^install .*temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}$`, 'm'));
    writeProgram(join(dir(), 'bin/go'), `${GO_VERSION}; exit 1`);
    assert.equal((await ensure()).stderr, '');
  });

  it('is not kept when it does not run', async () => {
    writeProgram(join(dir(), 'bin/go'), `${GO_VERSION}; printf '#!/bin/sh\\nexit 1\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`);
    assert.equal((await ensure()).code, 1);
    assert.ok(!existsSync(join(dir(), 'cache', ENTRY)));
  });

  it('that can not be had is explained, with every way to get it', async () => {
    writeProgram(join(dir(), 'bin/go'), `${GO_VERSION}; echo "no such module"; exit 1`);
    const { code, stderr } = await ensure();
    assert.equal(code, 1);
    assert.match(stderr, /127\.0\.0\.1:1 can't be reached/);
    assert.match(stderr, /no such module/);
    assert.match(stderr, /docs\.temporal\.io\/cli/);
    assert.match(stderr, /BAROMETER_TEMPORAL_CLI/);
    assert.match(stderr, /install Go/);
  });

  describe('where the download works', () => {
    let service: Server;
    const requests: string[] = [];
    const origin = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    beforeEach(async () => {
      service = createServer((request, response) => {
        requests.push(request.url ?? '');
        if (request.url === '/archive.tar.gz') return void response.end(readFileSync(join(dir(), 'archive.tar.gz')));
        response.end(JSON.stringify({ archiveUrl: `${origin()}/archive.tar.gz`, fileToExtract: 'temporal' }));
      });
      await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
      writeProgram(join(dir(), 'packed/temporal'), 'echo "temporal version"');
      writeFileSync(join(dir(), 'packed/LICENSE'), '');
      execFileSync('tar', ['-czf', join(dir(), 'archive.tar.gz'), '-C', join(dir(), 'packed'), 'temporal', 'LICENSE']);
    });
    afterEach(() => new Promise((resolve) => service.close(resolve)));

    it('comes from there, in the pinned version, without Go', async () => {
      const { code, stdout } = await ensure({ BAROMETER_TEMPORAL_DOWNLOAD: origin() });
      assert.equal(code, 0);
      assert.equal(stdout.trim(), join(dir(), 'cache', ENTRY));
      assert.match(requests[0] ?? '', new RegExp(`^/cli/v${TEMPORAL_CLI_VERSION}\\?platform=\\w+&arch=\\w+$`));
      assert.ok(!existsSync(join(dir(), 'cache', ENTRY, '../LICENSE')));
    });
  });
});
