import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { download, get } from '../../setup/download.js';
import { SetupProblem } from '../../setup/problem.js';
import { useTemporaryDir } from './separate-process.ts';

describe('what set-up fetches by itself', () => {
  const dir = useTemporaryDir();
  let server: Server;
  let origin: string;

  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/there?key=s3cret') response.end('content');
      else if (request.url !== '/silent') response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function problemOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(() => null, (reason: unknown) => reason);
    assert.ok(error instanceof SetupProblem, String(error));
    return error.message;
  }

  it('is written to a file', async () => {
    const file = join(dir(), 'file');
    await download(`${origin}/there?key=s3cret`, file, 5_000);
    assert.equal(readFileSync(file, 'utf8'), 'content');
  });

  it('is told to be missing without what may be secret in its address', async () => {
    const file = join(dir(), 'file');
    assert.equal(await problemOf(download(`${origin}/gone?key=s3cret`, file, 5_000)), `${origin}/gone answered 404`);
    assert.equal(existsSync(file), false);
    assert.doesNotMatch(await problemOf(get(`http://user:s3cret@127.0.0.1/`, 5_000)), /s3cret/);
  });

  it('is not waited for longer than the limit', async () => {
    assert.equal(await problemOf(get(`${origin}/silent`, 50)), `${origin} can't be reached (TimeoutError)`);
  });
});
