import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'mocha';
import { renderOverlay, whyNotKustomize } from '../../../adapters/kubernetes/kustomize.ts';
import { isFailure } from '../../../domain/failure.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';

describe('a kustomize overlay', () => {
  const testCluster = useCluster();
  const directory = mkdtempSync(join(tmpdir(), 'barometer-kustomize-'));
  const kubectlOnly = { PATH: join(directory, 'kubectl-only') };
  const kustomizeOnly = { PATH: join(directory, 'kustomize-only') };

  before('put programs into folders of their own', () => {
    for (const { PATH } of [kubectlOnly, kustomizeOnly]) mkdirSync(PATH);
    symlinkSync(testCluster.kubectlPath, join(kubectlOnly.PATH, 'kubectl'));
    // kubectl builds overlays with the code of kustomize.
    const script = `#!/bin/sh\n[ "$1" = version ] && exit 0\n[ "$1" = build ] && exec '${testCluster.kubectlPath}' kustomize "$2"\nexit 1\n`;
    writeFileSync(join(kustomizeOnly.PATH, 'kustomize'), script);
    chmodSync(join(kustomizeOnly.PATH, 'kustomize'), 0o755);
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  function writeOverlay(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(directory, 'overlay-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }

  it('is put together by kubectl, or by kustomize where there is no kubectl', async () => {
    const folder = writeOverlay({
      'kustomization.yaml': 'namespace: there\nresources: [objects.yaml]\nimages: [{ name: a, newName: b }]\n',
      'objects.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: it, annotations: { on: "yes", port: "8080" } }\nspec: { containers: [{ name: c, image: a }] }\n---\n',
    });
    const objects = [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'it', namespace: 'there', annotations: { on: 'yes', port: '8080' } },
        spec: { containers: [{ name: 'c', image: 'b' }] },
      },
    ];
    assert.deepEqual(await renderOverlay(folder, { environment: kubectlOnly }), objects);
    assert.deepEqual(await renderOverlay(folder, { environment: kustomizeOnly }), objects);
  });

  it('is refused with what is wrong with it, and not with where it lay', async () => {
    const folder = writeOverlay({ 'kustomization.yaml': 'resources: [missing.yaml]\n' });
    await assert.rejects(renderOverlay(folder, { environment: kubectlOnly }), (error) => {
      assert.ok(isFailure(error, 'configuration-invalid'));
      assert.match(error.message, /can't be put together: accumulating resources: .*missing\.yaml/);
      assert.ok(!error.message.includes(directory));
      return true;
    });
  });

  it('must be a folder of the commit', async () => {
    await assert.rejects(renderOverlay(join(directory, 'none'), { environment: kubectlOnly }), (error) => isFailure(error, 'configuration-invalid') && error.message.includes('BAROMETER_KUBE_OVERLAY'));
  });

  it('holds Kubernetes objects only', async () => {
    const broken = join(directory, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'kustomize'), '#!/bin/sh\necho "mood: good"\n');
    chmodSync(join(broken, 'kustomize'), 0o755);
    await assert.rejects(renderOverlay(writeOverlay({}), { environment: { PATH: broken } }), (error) => isFailure(error, 'configuration-invalid') && error.message.includes('no Kubernetes object'));
  });

  it('needs a program, and says which', async () => {
    const environment = { PATH: join(directory, 'nothing') };
    assert.match((await whyNotKustomize({ environment }))!, /kubectl nor kustomize/);
    await assert.rejects(renderOverlay(writeOverlay({}), { environment }), (error) => isFailure(error, 'configuration-invalid') && error.message.includes('kubectl nor kustomize'));
    assert.equal(await whyNotKustomize({ environment: kubectlOnly }), null);
    assert.equal(await whyNotKustomize({ environment: kustomizeOnly }), null);
  });
});
