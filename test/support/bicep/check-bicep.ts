import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as azureMl from '@azure/arm-machinelearning';
import { z } from 'zod';
import type { PythonPackages } from '../python-packages.ts';

/** A parser of Bicep, and Microsoft's clients of the APIs that the templates address, for the contracts in them. */
export const BICEP_CHECK = {
  name: 'bicep-check-1',
  title: 'a parser of Bicep and the contracts of Azure (20 MB, once)',
  packages: [
    'pycep-parser==0.7.1',
    'azure-mgmt-applicationinsights==4.1.0',
    'azure-mgmt-authorization==4.0.0',
    'azure-mgmt-containerregistry==10.3.0',
    'azure-mgmt-keyvault==11.0.0',
    'azure-mgmt-loganalytics==12.0.0',
    'azure-mgmt-msi==7.0.0',
    'azure-mgmt-storage==22.2.0',
  ],
  oldestMinor: 9,
};

/** Words that may stand in properties which are any string to the client. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'AmlComputeProperties.osType': Object.values(azureMl.KnownOsType),
  'AmlComputeProperties.vmPriority': Object.values(azureMl.KnownVmPriority),
  'AmlComputeProperties.remoteLoginPortPublicAccess': Object.values(azureMl.KnownRemoteLoginPortPublicAccess),
  'ManagedServiceIdentity.type': Object.values(azureMl.KnownManagedServiceIdentityType),
  'Workspace.publicNetworkAccess': Object.values(azureMl.KnownPublicNetworkAccess),
};

const findingsSchema = z.object({ files: z.array(z.string()), resources: z.number(), settings: z.array(z.string()), problems: z.array(z.string()) });
export type BicepFindings = z.infer<typeof findingsSchema>;

/** Holds a template and its modules against the contracts of the services. @throws when it can't be parsed */
export async function checkBicep({ python, directory }: PythonPackages, template: string): Promise<BicepFindings> {
  const scratch = mkdtempSync(join(tmpdir(), 'barometer-bicep-'));
  try {
    const contracts = join(scratch, 'contracts.json');
    writeFileSync(contracts, JSON.stringify(await readContracts()));
    const checker = fileURLToPath(new URL('check.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(python, ['-B', checker, contracts, template], { encoding: 'utf8', env: { ...process.env, PYTHONPATH: directory } });
    if (status !== 0) throw new Error(`${template} can't be checked: ${stderr.trimEnd().split('\n').slice(-5).join('\n')}`);
    return findingsSchema.parse(JSON.parse(stdout));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** How the Azure ML client describes what it sends; its package exports that to nobody. */
async function readContracts() {
  const main = createRequire(import.meta.url).resolve('@azure/arm-machinelearning');
  const { discriminators, ...mappers } = (await import(pathToFileURL(join(dirname(main), '../dist-esm/src/models/mappers.js')).href)) as Record<string, Record<string, { type: { className: string } }>>;
  return { mappers, words: WORDS, discriminators: Object.fromEntries(Object.entries(discriminators!).map(([key, { type }]) => [key, type.className])) };
}
