import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, before, beforeEach } from 'mocha';
import { createRegistry } from '../../../adapters/containers/registry.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome, pushTinyBase } from '../../support/container-engines.ts';
import { ensureDebianPackages } from '../../support/debian-packages.ts';
import type { FakeServer } from '../../support/fake-http.ts';
import { startFakeServer } from '../../support/fake-http.ts';
import { REGISTRY_USER, useRegistry } from '../../support/registry.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

describe('a container registry', () => {
  let home: EngineHome;

  beforeEach('make a home', () => {
    home = createEngineHome();
  });

  afterEach('remove it', () => home.remove());

  const open = (host: string) => createRegistry({ plainHttpHost: host, environment: home.environment });

  function fails(kind: FailureKind, pattern: RegExp) {
    return (error: unknown) => {
      assert.ok(isFailure(error, kind), String(error));
      assert.match(error.message, pattern);
      assert.ok(!JSON.stringify([error.message, error.stack]).includes(REGISTRY_USER.password));
      return true;
    };
  }

  describe('of the real kind', () => {
    const registry = useRegistry();
    const locked = useRegistry({ isLocked: true });

    before('find skopeo', function () {
      if (!ensureDebianPackages(['skopeo'])) this.skip();
    });

    it('tells the digest and the labels of an index, platform by platform', async () => {
      const reference = await pushTinyBase(registry.host);
      const found = await open(registry.host).findImage(reference);
      const inspected = execFileSync('skopeo', ['inspect', '--tls-verify=false', '--format={{.Digest}}', `docker://${reference}`], { encoding: 'utf8' });
      assert.equal(found?.digest, inspected.trim());
      assert.deepEqual([...found.labels], [['linux/amd64', {}], ['linux/arm64', {}]]);
    });

    it('has no image of a name or a tag that nobody pushed', async () => {
      const reference = await pushTinyBase(registry.host);
      assert.equal(await open(registry.host).findImage(`${registry.host}/nobody/nothing:1`), null);
      assert.equal(await open(registry.host).findImage(`${reference}-other`), null);
    });

    it('lets everybody push, and remembers nothing of the question', async () => {
      await open(registry.host).checkPush(`${registry.host}/asked/only:1`);
      assert.equal(await open(registry.host).findImage(`${registry.host}/asked/only:1`), null);
    });

    it('refuses those who did not sign in, and says what to do', async () => {
      const refused = fails('access-denied', new RegExp(`docker login ${locked.host}`));
      await assert.rejects(open(locked.host).findImage(`${locked.host}/acme/api:1`), refused);
      await assert.rejects(open(locked.host).checkPush(`${locked.host}/acme/api:1`), refused);
    });

    it('refuses a wrong password', async () => {
      home.signIn(locked.host, { ...REGISTRY_USER, password: 'guessed' });
      await assert.rejects(open(locked.host).checkPush(`${locked.host}/acme/api:1`), fails('access-denied', /docker login/));
    });

    it('lets those in who signed in', async () => {
      home.signIn(locked.host, REGISTRY_USER);
      await open(locked.host).checkPush(`${locked.host}/acme/api:1`);
      assert.equal(await open(locked.host).findImage(`${locked.host}/acme/api:1`), null);
    });
  });

  describe('of any kind', () => {
    let server: FakeServer | undefined;

    afterEach('end it', () => server?.stop());

    async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
      server = await startFakeServer(answer);
      return server.host;
    }

    function answerJson(response: ServerResponse, type: string, content: unknown): void {
      response.writeHead(200, { 'content-type': type }).end(JSON.stringify(content));
    }

    it('may be away, busy or broken, which passes', async () => {
      let status = 500;
      const host = await serve((_request, response) => response.writeHead(status).end());
      for (status of [500, 502, 503, 429, 408]) {
        await assert.rejects(open(host).findImage(`${host}/api:1`), fails('dependency-unavailable', new RegExp(`\\(${status}\\)`)));
      }
      await server!.stop();
      await assert.rejects(open(host).findImage(`${host}/api:1`), fails('dependency-unavailable', /can't be reached \((ECONNREFUSED|UND_ERR_SOCKET)\)/));
    });

    it('may turn a request down, which does not pass', async () => {
      const host = await serve((_request, response) => response.writeHead(400).end());
      await assert.rejects(open(host).findImage(`${host}/api:1`), fails('configuration-invalid', /\(400\).*BAROMETER_IMAGE_REPOSITORY/));
    });

    it('may forbid', async () => {
      const host = await serve((_request, response) => response.writeHead(403).end());
      await assert.rejects(open(host).checkPush(`${host}/api:1`), fails('access-denied', /\(403\)/));
    });

    it('may make no repositories by itself', async () => {
      const host = await serve((_request, response) => response.writeHead(404).end());
      await assert.rejects(open(host).checkPush(`${host}/api:1`), fails('access-denied', /create the repository/));
    });

    it('is asked over HTTPS unless it is the one that is set to plain HTTP', async () => {
      const host = await serve((_request, response) => response.writeHead(200).end());
      const registry = createRegistry({ plainHttpHost: 'other.example', environment: home.environment });
      await assert.rejects(registry.findImage(`${host}/api:1`), fails('configuration-invalid', /BAROMETER_REGISTRY_PLAIN_HTTP=true/));
    });

    it('may send for a token, which is fetched with the password and used from then on', async () => {
      home.write('.docker/config.json', '{}');
      const seen: string[] = [];
      const host = await serve((request, response) => {
        const { authorization } = request.headers;
        seen.push(`${request.method} ${request.url} ${authorization ?? 'nobody'}`);
        if (request.url!.startsWith('/token')) {
          answerJson(response, 'application/json', { token: 'a-token' });
          return;
        }
        if (authorization !== 'Bearer a-token') {
          const challenge = `Bearer realm="http://${request.headers.host}/token",service="the registry",scope="repository:acme/api:pull"`;
          response.writeHead(401, { 'www-authenticate': challenge }).end();
          return;
        }
        response.writeHead(404).end();
      });
      const basic = `Basic ${Buffer.from(`${REGISTRY_USER.name}:${REGISTRY_USER.password}`).toString('base64')}`;
      const query = 'service=the+registry&scope=repository%3Aacme%2Fapi%3Apull';
      assert.equal(await open(host).findImage(`${host}/acme/api:1`), null);
      assert.deepEqual(seen.splice(0), ['GET /v2/acme/api/manifests/1 nobody', `GET /token?${query} nobody`, 'GET /v2/acme/api/manifests/1 Bearer a-token']);
      home.signIn(host, REGISTRY_USER);
      assert.equal(await open(host).findImage(`${host}/acme/api:1`), null);
      assert.equal(seen[1], `GET /token?${query} ${basic}`);
    });

    it('may give a token for another token', async () => {
      const host = await serve((request, response) => {
        if (request.headers.authorization === 'Bearer fresh') return response.writeHead(404).end();
        if (request.url !== '/token') return response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="s"` }).end();
        let body = '';
        request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
        return request.on('end', () => {
          const asked = new URLSearchParams(body);
          const isRight = request.method === 'POST' && asked.get('grant_type') === 'refresh_token' && asked.get('refresh_token') === 'long-lived' && asked.get('service') === 's';
          if (isRight) answerJson(response, 'application/json', { access_token: 'fresh' });
          else response.writeHead(400).end();
        });
      });
      home.write('.docker/config.json', JSON.stringify({ auths: { [host]: { auth: '', identitytoken: 'long-lived' } } }));
      assert.equal(await open(host).findImage(`${host}/acme/api:1`), null);
    });

    it('may have nobody who gives out tokens', async () => {
      let status = 401;
      const host = await serve((request, response) =>
        response.writeHead(request.url!.startsWith('/token') ? status : 401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` }).end('not JSON'),
      );
      for (status of [200, 401, 403]) await assert.rejects(open(host).findImage(`${host}/api:1`), fails('access-denied', /\(401\)/));
      status = 503;
      await assert.rejects(open(host).findImage(`${host}/api:1`), fails('dependency-unavailable', /\(503\)/));
    });

    it('learns no password that is meant for somebody else', async () => {
      const told: (string | undefined)[] = [];
      const other = await startFakeServer((request, response) => {
        told.push(request.headers.authorization);
        response.writeHead(204).end();
      });
      try {
        const host = await serve((request, response) => {
          if (request.headers.authorization === undefined) return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
          return response.writeHead(202, { location: `http://${other.host}/upload` }).end();
        });
        home.signIn(host, REGISTRY_USER);
        await open(host).checkPush(`${host}/api:1`);
        assert.deepEqual(told, [undefined]);
      } finally {
        await other.stop();
      }
    });

    it('may hold an index in which not everything is an image', async () => {
      const contents: Record<string, [string, unknown]> = {
        'manifests/1': [INDEX, { manifests: [{ digest: 'sha256:a', platform: { os: 'linux', architecture: 'arm64' } }, { digest: 'sha256:b', platform: { os: 'unknown', architecture: 'unknown' } }] }],
        'manifests/sha256:a': [MANIFEST, { config: { digest: 'sha256:c' } }],
        'blobs/sha256:c': ['application/json', { os: 'linux', architecture: 'arm64', config: { Labels: { a: 'b' } } }],
      };
      const host = await serve((request, response) => answerJson(response, ...contents[request.url!.slice('/v2/api/'.length)]!));
      const found = await open(host).findImage(`${host}/api:1`);
      assert.deepEqual([...found!.labels], [['linux/arm64', { a: 'b' }]]);
    });

    it('may hold something damaged', async () => {
      const host = await serve((_request, response) => answerJson(response, MANIFEST, { schemaVersion: 1 }));
      await assert.rejects(open(host).findImage(`${host}/api:1`), fails('data-corrupt', /Delete that tag/));
    });

    it('is not waited for when the signal is aborted', async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const host = await serve(() => { controller.abort(reason); });
      await assert.rejects(open(host).findImage(`${host}/api:1`, controller.signal), reason);
    });
  });
});
