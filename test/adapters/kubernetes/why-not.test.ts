import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'mocha';
import { whyNotRollOut } from '../../../adapters/kubernetes/why-not.ts';
import type { ClusterConfig } from '../../../config/cluster.ts';
import { findFreePort } from '../../support/free-port.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';

describe('why nothing can be rolled out', () => {
  const testCluster = useCluster();
  const directory = mkdtempSync(join(tmpdir(), 'barometer-why-not-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });

  function ask(config: Partial<ClusterConfig>, path = dirname(testCluster.kubectlPath)): Promise<string | null> {
    const whole = { kubeconfig: testCluster.kubeconfig, context: null, namespace: 'default', overlay: 'k8s', deadlineMs: 1_000, ...config };
    return whyNotRollOut(whole, { environment: { PATH: path } });
  }

  function writeKubeconfig(change: (text: string) => string): string {
    const path = join(directory, 'kubeconfig');
    writeFileSync(path, change(readFileSync(testCluster.kubeconfig, 'utf8')));
    return path;
  }

  it('is nothing when all is there', async () => {
    assert.equal(await ask({}), null);
  });

  it('is a setting that is missing or wrong', async () => {
    assert.match((await ask({ kubeconfig: null }))!, /BAROMETER_KUBECONFIG is not set/);
    assert.match((await ask({ kubeconfig: '/nowhere' }))!, /\/nowhere/);
    assert.match((await ask({ context: 'other' }))!, /BAROMETER_KUBE_CONTEXT/);
  });

  it('is that the cluster does not know us', async function () {
    if (testCluster.apiServer === null) this.skip();
    assert.match((await ask({ kubeconfig: writeKubeconfig((text) => text.replace(/"token":"[^"]*"/, '"token":"wrong"')) }))!, /missing or expired/);
  });

  it('is a program that is missing', async () => {
    assert.match((await ask({}, directory))!, /kubectl nor kustomize/);
  });

  it('is not that the cluster is away just now', async function () {
    if (testCluster.apiServer === null) this.skip();
    const port = await findFreePort();
    assert.equal(await ask({ kubeconfig: writeKubeconfig((text) => text.replace(/https:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${port}`)) }), null);
  });
});
