import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before } from 'mocha';
import { azureMlSettings } from '../../config/azure-ml.ts';
import { imageSettings } from '../../config/images.ts';
import { storageSettings } from '../../config/storage.ts';
import { CONTAINERS } from '../../domain/names.ts';
import { findOnPath } from '../../setup/command.js';
import { BICEP_CHECK, checkBicep } from '../support/bicep/check-bicep.ts';
import { findNameProblems } from '../support/bicep/names.ts';
import type { PythonPackages } from '../support/python-packages.ts';
import { ensurePythonPackages, INSTALL_LIMIT_MS } from '../support/python-packages.ts';

const INFRA = fileURLToPath(new URL('../../infra/', import.meta.url));
const FILES = readdirSync(INFRA).filter((name) => name.endsWith('.bicep'));

const readTemplate = (name: string) => readFileSync(join(INFRA, name), 'utf8');

describe('the templates for Azure', () => {
  for (const file of FILES) {
    it(`use in ${file} what is declared, and declare what is used`, () => {
      assert.deepEqual(findNameProblems(readTemplate(file)), []);
    });
  }

  it('would not get by with a name that nobody declares', () => {
    assert.deepEqual(findNameProblems("param place string\nresource a 'T@1' = {\n  location: locaton // place\n  name: '${prefix}-a: b'\n}"), [
      'nobody declares locaton',
      'nobody declares prefix',
      'nobody uses the param place',
    ]);
  });

  it('make every container, and none that anybody may read', () => {
    const storage = readTemplate('storage.bicep');
    const containers = [...storage.matchAll(/blobServices\/containers@[\d-]+' = \{\s+parent: blobs\s+name: '(\w+)'\s+properties: \{ publicAccess: 'None' \}/g)].map(([, name]) => name);
    assert.deepEqual(containers.sort(), Object.values(CONTAINERS).sort());
  });

  it('give these roles and no others, each on one thing', () => {
    const assignments = FILES.flatMap((file) => {
      const text = readTemplate(file);
      const found = [...text.matchAll(/roleAssignments@[\d-]+' = [^{]*\{\s+scope: (\w+)\s+name: [^\n]+\s+properties: \{ roleDefinitionId: (\w+), principalId: (\w+), principalType: '(\w+)' \}/g)];
      assert.equal(found.length, [...text.matchAll(/roleAssignments@/g)].length, `${file}: every assignment is seen`);
      return found.map(([, scope, role, principal, type]) => `${file.replace('.bicep', '')} ${scope}: ${role} for ${type} ${principal}`);
    });
    assert.deepEqual(assignments.sort(), [
      'registry registry: contributor for ServicePrincipal workspacePrincipalId',
      'registry registry: pull for ServicePrincipal trainingPrincipalId',
      'registry registry: push for ServicePrincipal deployerPrincipalId',
      'registry registry: push for User operator',
      'storage access: blobDataReader for ServicePrincipal apiPrincipalId',
      'storage account: blobDataContributor for ServicePrincipal writer',
      'storage account: blobDataContributor for User operator',
      'storage models: blobDataReader for ServicePrincipal apiPrincipalId',
      'storage moods: blobDataContributor for ServicePrincipal apiPrincipalId',
      'storage processed: blobDataReader for ServicePrincipal trainingPrincipalId',
      'storage runs: blobDataContributor for ServicePrincipal trainingPrincipalId',
      'storage usage: blobDataContributor for ServicePrincipal apiPrincipalId',
      'storage venues: blobDataReader for ServicePrincipal apiPrincipalId',
      'workspace account: blobDataContributor for ServicePrincipal identityPrincipalId',
      'workspace account: contributor for ServicePrincipal identityPrincipalId',
      'workspace insights: contributor for ServicePrincipal identityPrincipalId',
      'workspace vault: contributor for ServicePrincipal identityPrincipalId',
      'workspace vault: vaultAdministrator for ServicePrincipal identityPrincipalId',
      'workspace workspace: dataScientist for ServicePrincipal workerPrincipalId',
      'workspace workspace: dataScientist for User operator',
    ]);
  });

  it('pass the linter of Bicep, where there is one', function () {
    const bicep = findOnPath('bicep');
    if (bicep === undefined) return this.skip();
    const { status, stderr, stdout } = spawnSync(bicep, ['lint', join(INFRA, 'main.bicep')], { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.doesNotMatch(`${stdout}${stderr}`, /: (Warning|Error) /);
  });

  describe('held against the contracts of the services', () => {
    let packages: PythonPackages | null;
    let scratch: string;

    before('fetch the contracts', async function () {
      this.timeout(INSTALL_LIMIT_MS);
      scratch = mkdtempSync(join(tmpdir(), 'barometer-infra-'));
      packages = await ensurePythonPackages(BICEP_CHECK);
      if (packages === null) this.skip();
    });

    after('clear up', () => {
      rmSync(scratch, { recursive: true });
    });

    it('say nothing that a service does not know, and all that it asks for', async () => {
      const { files, resources, problems } = await checkBicep(packages!, join(INFRA, 'main.bicep'));
      assert.deepEqual(problems, []);
      assert.deepEqual(files.sort(), FILES.sort());
      assert.ok(resources >= 30, `${resources} resources were looked at`);
    });

    it('tell settings that Barometer knows', async () => {
      const { settings } = await checkBicep(packages!, join(INFRA, 'main.bicep'));
      const known = Object.keys({ ...azureMlSettings, ...imageSettings, ...storageSettings });
      assert.deepEqual(settings.filter((name) => !known.includes(name)), []);
      assert.ok(settings.includes('BAROMETER_STORAGE_ACCOUNT_URL') && settings.includes('BAROMETER_AZURE_ML_WORKSPACE'));
    });

    const MISTAKES: readonly [string, string, string, string][] = [
      ['storage.bicep', "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS2'", "storage.bicep: account.properties.minimumTlsVersion can't be TLS2: TLS1_0, TLS1_1, TLS1_2, TLS1_3"],
      ['storage.bicep', 'allowSharedKeyAccess: false', "allowSharedKeyAccess: 'no'", 'storage.bicep: account.properties.allowSharedKeyAccess can\'t be "no"'],
      ['storage.bicep', 'isVersioningEnabled', 'versioning', 'storage.bicep: blobs.properties: BlobServiceProperties.properties has no property versioning'],
      ['workspace.bicep', '    tenantId: subscription().tenantId\n', '', 'workspace.bicep: vault.properties.tenantId is missing'],
      ['workspace.bicep', 'v1LegacyMode: false', "mlFlowTrackingUri: 'mine'", 'workspace.bicep: workspace.properties.mlFlowTrackingUri is read-only'],
      ['cluster.bicep', "'LowPriority'", "'Cheap'", "cluster.bicep: cluster.properties.properties.vmPriority can't be Cheap: Dedicated, LowPriority"],
      ['cluster.bicep', "computeType: 'AmlCompute'", "computeType: 'Cluster'", "cluster.bicep: cluster.properties.computeType can't be Cluster"],
      ['cluster.bicep', 'maxNodeCount', 'maximumNodeCount', 'cluster.bicep: cluster.properties.properties.scaleSettings.maxNodeCount is missing'],
      ['main.bicep', '    vmSize: vmSize\n', '', 'main.bicep: cluster is not given vmSize'],
      ['main.bicep', 'storage.outputs.url', 'storage.outputs.uri', 'main.bicep: storage has no output uri'],
    ];
    for (const [file, right, wrong, problem] of MISTAKES) {
      it(`would not get by with ${wrong.trim() || `no ${right.trim()}`} in ${file}`, async () => {
        cpSync(INFRA, scratch, { recursive: true });
        const template = readTemplate(file);
        assert.ok(template.includes(right));
        writeFileSync(join(scratch, file), template.replace(right, wrong));
        const { problems } = await checkBicep(packages!, join(scratch, 'main.bicep'));
        assert.ok(problems.includes(problem), problems.join('\n'));
      });
    }
  });
});
