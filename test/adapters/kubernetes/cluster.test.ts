import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'mocha';
import type { Cluster } from '../../../adapters/kubernetes/cluster.ts';
import { connectCluster } from '../../../adapters/kubernetes/cluster.ts';
import { createResources } from '../../../adapters/kubernetes/resources.ts';
import type { FailureKind } from '../../../domain/failure.ts';
import { isFailure } from '../../../domain/failure.ts';
import { findFreePort } from '../../support/free-port.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';

interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: { token?: string } }[];
}

const directory = mkdtempSync(join(tmpdir(), 'barometer-kubeconfig-'));
let files = 0;

function writeKubeconfig(content: unknown): string {
  const path = join(directory, `kubeconfig-${(files += 1)}`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function toKubeconfig(server: string): object {
  return {
    'current-context': 'it',
    clusters: [{ name: 'it', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'it', user: { token: 'none' } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  };
}

function failsAs(kind: FailureKind, message: RegExp) {
  return (error: unknown) => {
    assert.ok(isFailure(error, kind), String(error));
    assert.match(error.message, message);
    return true;
  };
}

after(() => {
  rmSync(directory, { recursive: true });
});

describe('the way to a cluster', () => {
  it('asks for a kubeconfig, and names one that it can not read', () => {
    assert.throws(() => connectCluster({ kubeconfig: null, context: null, namespace: 'it' }), failsAs('configuration-invalid', /BAROMETER_KUBECONFIG/));
    assert.throws(() => connectCluster({ kubeconfig: '/nowhere/config', context: null, namespace: 'it' }), failsAs('configuration-invalid', /\/nowhere\/config/));
    assert.throws(() => connectCluster({ kubeconfig: writeKubeconfig('{'), context: null, namespace: 'it' }), failsAs('configuration-invalid', /can't be read as a kubeconfig/));
  });

  it('names the contexts that there are when it lacks the one asked for', () => {
    const kubeconfig = writeKubeconfig(toKubeconfig('https://127.0.0.1:1'));
    assert.throws(() => connectCluster({ kubeconfig, context: 'other', namespace: 'it' }), failsAs('configuration-invalid', /no usable context other; it has: it\./));
    assert.throws(() => connectCluster({ kubeconfig: writeKubeconfig({}), context: null, namespace: 'it' }), failsAs('configuration-invalid', /none is set as current.*it has: none/));
  });

  it('is not in a cluster when it is not', () => {
    assert.throws(() => connectCluster({ kubeconfig: 'in-cluster', context: null, namespace: 'it' }), failsAs('configuration-invalid', /does not run in a pod/));
  });

  it('says where nothing answers', async () => {
    const cluster = connectCluster({ kubeconfig: writeKubeconfig(toKubeconfig(`https://127.0.0.1:${await findFreePort()}`)), context: null, namespace: 'it' });
    await assert.rejects(cluster.ask({ path: '/api/v1', what: 'API' }), failsAs('dependency-unavailable', /API server at https:\/\/127\.0\.0\.1:\d+ can't be reached \(ECONNREFUSED\)/));
  });

  it('gives up on an answer that does not come, or does not end', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/half') response.write('{');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const cluster = connectCluster({ kubeconfig: writeKubeconfig(toKubeconfig(`http://127.0.0.1:${port}`)), context: null, namespace: 'it' });
    try {
      for (const path of ['/never', '/half']) {
        await assert.rejects(cluster.ask({ path, what: 'it', timeoutMs: 200 }), failsAs('dependency-unavailable', /\((ETIMEDOUT|ECONNRESET)\)/));
      }
      const stopped = new Error('stopped');
      await assert.rejects(cluster.ask({ path: '/never', what: 'it', signal: AbortSignal.abort(stopped) }), stopped);
      const ended = new AbortController();
      const asked = cluster.ask({ path: '/half', what: 'it', signal: ended.signal });
      server.once('request', () => { ended.abort(stopped); });
      await assert.rejects(asked, stopped);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('a real API server', () => {
  const testCluster = useCluster();
  let namespace: string;

  async function connect(change: (config: Kubeconfig) => void = () => undefined, to = namespace): Promise<Cluster> {
    const config = JSON.parse(await testCluster.kubectl(['config', 'view', '--raw', '--output', 'json'])) as Kubeconfig;
    change(config);
    return connectCluster({ kubeconfig: writeKubeconfig(config), context: null, namespace: to });
  }

  before('take a namespace', async () => {
    namespace = await testCluster.newNamespace();
  });

  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'it' }, data: { a: 'b' } };

  it('applies, finds and removes objects', async () => {
    const resources = createResources(await connect());
    await resources.apply(configMap);
    assert.deepEqual((await resources.find({ apiVersion: 'v1', kind: 'ConfigMap', name: 'it' }))!['data'], { a: 'b' });
    await resources.apply({ ...configMap, data: { c: 'd' } });
    assert.deepEqual((await resources.find({ apiVersion: 'v1', kind: 'ConfigMap', name: 'it' }))!['data'], { c: 'd' });
    await resources.remove({ apiVersion: 'v1', kind: 'ConfigMap', name: 'it' });
    await resources.remove({ apiVersion: 'v1', kind: 'ConfigMap', name: 'it' });
    assert.equal(await resources.find({ apiVersion: 'v1', kind: 'ConfigMap', name: 'it' }), null);
  });

  it('writes nothing in a dry run', async () => {
    const resources = createResources(await connect());
    assert.deepEqual((await resources.apply(configMap, { dryRun: true }))['data'], { a: 'b' });
    assert.equal(await resources.find({ apiVersion: 'v1', kind: 'ConfigMap', name: 'it' }), null);
  });

  it('names the field that it refuses', async () => {
    const resources = createResources(await connect());
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'it' }, spec: { ports: [{ port: 70_000 }] } };
    await assert.rejects(resources.apply(service), failsAs('configuration-invalid', /refuses Service it: spec\.ports\[0\]\.port: /));
    const typo = { ...configMap, dta: {} };
    await assert.rejects(resources.apply(typo), failsAs('configuration-invalid', /refuses ConfigMap it: .*dta/));
  });

  it('names the namespace or the kind that it lacks', async () => {
    const elsewhere = createResources(await connect(undefined, 'not-there'));
    await assert.rejects(elsewhere.apply(configMap), failsAs('not-found', /no namespace not-there/));
    await assert.rejects(elsewhere.apply({ ...configMap, kind: 'Mood' }), failsAs('not-found', /knows no Mood of v1/));
    await assert.rejects(elsewhere.apply({ ...configMap, apiVersion: 'mood/v1' }), failsAs('not-found', /no API mood\/v1/));
  });

  it('says that it does not know us', async () => {
    const cluster = await connect(({ users }) => { users[0]!.user = { token: 'wrong' }; });
    await assert.rejects(cluster.ask({ path: '/api/v1/namespaces', what: 'namespaces' }), failsAs('access-denied', /missing or expired/));
  });

  it('names the right that is missing', async () => {
    await testCluster.kubectl(['--namespace', namespace, 'create', 'serviceaccount', 'nobody']);
    const token = await testCluster.kubectl(['--namespace', namespace, 'create', 'token', 'nobody']);
    const cluster = await connect(({ users }) => { users[0]!.user = { token: token.trim() }; });
    const root = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await assert.rejects(cluster.ask({ path: root, what: 'Deployments' }), failsAs('access-denied', /may not list deployments\.apps/));
    await assert.rejects(cluster.ask({ path: `${root}/it`, what: 'it' }), failsAs('access-denied', /may not get deployments\.apps/));
    await assert.rejects(cluster.ask({ method: 'DELETE', path: `${root}/it`, what: 'it' }), failsAs('access-denied', /may not delete deployments\.apps/));
    await assert.rejects(createResources(cluster).apply(configMap), failsAs('access-denied', /may not patch configmaps in the cluster \(ConfigMap it\)/));
    const log = `/api/v1/namespaces/${namespace}/pods/it/log`;
    await assert.rejects(cluster.open({ path: log, what: 'log' }), failsAs('access-denied', /may not get pods\/log/));
  });

  it('takes a write back that is based on what is not the newest', async () => {
    const cluster = await connect();
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await cluster.ask({ method: 'POST', path, body: configMap, what: 'it' });
    await assert.rejects(cluster.ask({ method: 'POST', path, body: configMap, what: 'it' }), failsAs('write-conflict', /at the same time/));
    const stale = { ...configMap, metadata: { name: 'it', resourceVersion: '1' } };
    await assert.rejects(cluster.ask({ method: 'PUT', path: `${path}/it`, body: stale, what: 'it' }), failsAs('write-conflict', /at the same time/));
  });

  it('is not trusted with a certificate of somebody else', async function () {
    const cluster = await connect(({ clusters }) => {
      const { 'certificate-authority': _file, 'certificate-authority-data': _data, ...rest } = clusters[0]!.cluster;
      clusters[0]!.cluster = rest;
    });
    if (testCluster.apiServer === null) this.skip();
    await assert.rejects(cluster.ask({ path: '/api/v1', what: 'API' }), failsAs('configuration-invalid', /certificate .* can't be trusted/));
  });
});
