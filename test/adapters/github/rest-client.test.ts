import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createRestClient } from '../../../adapters/github/rest-client.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';
import { startFakeServer } from '../../support/fake-http.ts';

async function ask(status: number, headers: Record<string, string> = {}, body = '{}'): Promise<unknown> {
  const server = await startFakeServer((_request, response) => { response.writeHead(status, headers).end(body); });
  return createRestClient({ apiUrl: `http://${server.host}`, token: 't' })('GET', '/x').finally(server.stop);
}

describe('the client of GitHub\'s API', () => {
  const CASES: readonly [status: number, headers: Record<string, string>, kind: FailureKind][] = [
    [401, {}, 'access-denied'],
    [403, {}, 'access-denied'],
    [403, { 'x-ratelimit-remaining': '0' }, 'dependency-unavailable'],
    [429, {}, 'dependency-unavailable'],
    [404, {}, 'not-found'],
    [422, {}, 'input-invalid'],
    [502, {}, 'dependency-unavailable'],
  ];
  for (const [status, headers, kind] of CASES) {
    it(`calls ${status}${Object.keys(headers).length === 0 ? '' : ' without requests left'} ${kind}`, async () => {
      await assert.rejects(ask(status, headers, 'a token: t'), (error) => isFailure(error, kind) && !error.message.includes('token: t'));
    });
  }

  it('answers with what GitHub does', async () => {
    assert.deepEqual(await ask(200, {}, '[1]'), [1]);
  });

  it('says that nobody is there, or that it is not GitHub who answers', async () => {
    await assert.rejects(createRestClient({ apiUrl: 'http://127.0.0.1:1', token: 't' })('GET', '/x'), (error) => isFailure(error, 'dependency-unavailable'));
    await assert.rejects(ask(200, {}, '<html>'), (error) => isFailure(error, 'dependency-unavailable'));
  });
});
