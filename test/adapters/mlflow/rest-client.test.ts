import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { afterEach } from 'mocha';
import { z } from 'zod';
import { toCredentials } from '../../../adapters/mlflow/credentials.ts';
import type { Credential } from '../../../adapters/mlflow/credentials.ts';
import { createRestClient } from '../../../adapters/mlflow/rest-client.ts';
import { toTrackingAddress } from '../../../adapters/mlflow/tracking-address.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';

const NOBODY: readonly [Credential] = [() => Promise.resolve(null)];
const anything = z.unknown();
const { signal: never } = new AbortController();

describe('the client of MLflow', () => {
  const servers: Server[] = [];

  afterEach('end the servers', () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  }

  async function ask(answer: RequestListener, { credentials = NOBODY, timeoutMs = 5_000, signal = never }: { credentials?: readonly [Credential, ...Credential[]]; timeoutMs?: number; signal?: AbortSignal } = {}): Promise<unknown> {
    const client = createRestClient({ baseUrl: await listen(answer), credentials, timeoutMs });
    return client.get(z.object({ ok: z.boolean() }), 'runs/get', { run_id: 'a b&c' }, signal);
  }

  it('sends queries and bodies to the paths of the API', async () => {
    const requests: { method: string; url: string; body?: unknown }[] = [];
    const client = createRestClient({
      baseUrl: await listen((request, response) => {
        void read(request).then((seen) => {
          requests.push(seen);
          response.end('{}');
        });
      }),
      credentials: NOBODY,
      timeoutMs: 5_000,
    });
    await client.get(anything, 'runs/get', { run_id: 'a b&c' }, never);
    await client.post(anything, 'runs/update', { run_id: 'x', status: 'KILLED' }, never);
    assert.deepEqual(requests, [
      { method: 'GET', url: '/prefix/api/2.0/mlflow/runs/get?run_id=a+b%26c' },
      { method: 'POST', url: '/prefix/api/2.0/mlflow/runs/update', body: { run_id: 'x', status: 'KILLED' } },
    ]);
  });

  const ANSWERS: readonly [string, number, string, FailureKind][] = [
    ['a server that is busy', 503, '', 'dependency-unavailable'],
    ['a server that wants to be asked more slowly', 429, '{"error_code":"REQUEST_LIMIT_EXCEEDED"}', 'dependency-unavailable'],
    ['a server that fails', 500, '{"error_code":"INTERNAL_ERROR"}', 'dependency-unavailable'],
    ['a server that does not know us', 401, '', 'access-denied'],
    ['a server that does not let us', 403, '{"error_code":"PERMISSION_DENIED"}', 'access-denied'],
    ['something that is not there', 404, '{"error_code":"RESOURCE_DOES_NOT_EXIST"}', 'not-found'],
    ['something that is there already', 400, '{"error_code":"RESOURCE_ALREADY_EXISTS"}', 'write-conflict'],
    ['a request that is turned down', 400, '{"error_code":"INVALID_PARAMETER_VALUE"}', 'input-invalid'],
    ['a server of something else', 404, '<html>Not found</html>', 'configuration-invalid'],
    ['a page for people', 200, '<html>Welcome</html>', 'configuration-invalid'],
    ['an answer to another question', 200, '{"ok":"yes"}', 'configuration-invalid'],
  ];
  for (const [what, status, body, kind] of ANSWERS) {
    it(`calls ${what} ${kind}`, async () => {
      await assert.rejects(ask((_, response) => response.writeHead(status).end(body)), (error) => {
        assert.ok(isFailure(error, kind), String(error));
        assert.ok(!error.message.includes('<html>'));
        return true;
      });
    });
  }

  it('calls a server that is not there unavailable', async () => {
    const client = createRestClient({ baseUrl: 'http://127.0.0.1:1', credentials: NOBODY, timeoutMs: 5_000 });
    await assert.rejects(client.get(anything, 'runs/get', {}, never), (error) => isFailure(error, 'dependency-unavailable') && error.message === "The MLflow server at http://127.0.0.1:1 can't be reached (no connection).");
  });

  it('calls a server that breaks off, before or in the middle of its answer, unavailable', async () => {
    await assert.rejects(ask((request) => request.socket.destroy()), (error) => isFailure(error, 'dependency-unavailable'));
    const stop: RequestListener = (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"ok":', () => request.socket.destroy());
    };
    await assert.rejects(ask(stop), (error) => isFailure(error, 'dependency-unavailable'));
  });

  it('waits for an answer no longer than its limit', async () => {
    const startedAt = performance.now();
    await assert.rejects(ask(() => undefined, { timeoutMs: 200 }), (error) => isFailure(error, 'dependency-unavailable') && /no answer within 0\.2 s/.test(error.message));
    assert.ok(performance.now() - startedAt < 4_000);
  });

  it('waits for a credential no longer than its limit', async () => {
    const slow: Credential = (signal) => new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    await assert.rejects(ask((_, response) => response.end('{"ok":true}'), { timeoutMs: 200, credentials: [slow] }), (error) => isFailure(error, 'dependency-unavailable'));
  });

  it('gives the reason of the signal when it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('over');
    await assert.rejects(ask(() => { controller.abort(reason); }, { signal: controller.signal }), (error) => error === reason);
  });

  describe('shows who comes', () => {
    async function seeAuthorization(uri: string, who: { token?: string; basic?: { username: string; password: string } }): Promise<string | undefined> {
      let seen: string | undefined;
      const credentials = toCredentials({ token: who.token ?? null, basic: who.basic ?? null }, toTrackingAddress(uri), () => assert.fail('no identity is asked for'));
      await ask((request, response) => {
        seen = request.headers.authorization;
        response.end('{"ok":true}');
      }, { credentials });
      return seen;
    }

    it('by token, or user name and password, or the ones in the URI, or not at all', async () => {
      const basic = { username: 'ada', password: 'secret' };
      assert.equal(await seeAuthorization('http://mlflow.example', { token: 'abc', basic }), 'Bearer abc');
      assert.equal(await seeAuthorization('http://mlflow.example', { basic }), 'Basic YWRhOnNlY3JldA==');
      assert.equal(await seeAuthorization('http://eve:other@mlflow.example', { basic }), 'Basic YWRhOnNlY3JldA==');
      assert.equal(await seeAuthorization('http://ada:secret@mlflow.example', {}), 'Basic YWRhOnNlY3JldA==');
      assert.equal(await seeAuthorization('http://mlflow.example', {}), undefined);
    });

    const workspace = toTrackingAddress('azureml://x.api.azureml.ms/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w');

    it('to an Azure ML workspace by the identity of this process', async () => {
      const asked: string[] = [];
      const credentials = toCredentials({ token: null, basic: null }, workspace, async (scope) => {
        asked.push(scope);
        return 'of the identity';
      });
      await ask((request, response) => response.writeHead(request.headers.authorization === 'Bearer of the identity' ? 200 : 401).end('{"ok":true}'), { credentials });
      assert.deepEqual(asked, ['https://management.azure.com/.default']);
    });

    it("to an Azure ML workspace by the job's token, and by the identity from when that has expired", async () => {
      const seen: (string | undefined)[] = [];
      const credentials = toCredentials({ token: 'of the job', basic: null }, workspace, () => Promise.resolve('of the identity'));
      const client = createRestClient({
        baseUrl: await listen((request, response) => {
          seen.push(request.headers.authorization);
          response.writeHead(seen.length === 2 ? 401 : 200).end('{"ok":true}');
        }),
        credentials,
        timeoutMs: 5_000,
      });
      for (const _ of [1, 2, 3]) await client.post(anything, 'runs/log-batch', {}, never);
      assert.deepEqual(seen, ['Bearer of the job', 'Bearer of the job', 'Bearer of the identity', 'Bearer of the identity']);
    });
  });
});

async function read(request: IncomingMessage): Promise<{ method: string; url: string; body?: unknown }> {
  const head = { method: request.method!, url: request.url! };
  return request.method === 'GET' ? head : { ...head, body: await json(request) };
}
