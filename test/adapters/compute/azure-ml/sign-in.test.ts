import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before } from 'mocha';
import type { SignIn } from '../../../support/azure-ml/sign-in.ts';
import { startSignIn } from '../../../support/azure-ml/sign-in.ts';
import type { TrainingSite } from '../../../support/azure-ml/training-site.ts';
import { openTrainingSite, toTrainingSpec } from '../../../support/azure-ml/training-site.ts';

const COMPUTE = new URL('../../../../adapters/compute/azure-ml/compute.ts', import.meta.url).href;

describe('signing in to Azure', () => {
  let site: TrainingSite;
  let signIn: SignIn;

  before('open a workspace, and a place to sign in', async () => {
    [site, signIn] = await Promise.all([openTrainingSite(), startSignIn()]);
  });

  after('end them', () => Promise.all([site.stop(), signIn.stop()]));

  /** Asks for a job in a process of its own, with this environment and nothing else; what it printed. */
  async function ask(environment: Readonly<Record<string, string>>): Promise<string> {
    const program = join(site.home, 'ask.mjs');
    await writeFile(program, `
      import { createAzureMlCompute } from ${JSON.stringify(COMPUTE)};
      const compute = createAzureMlCompute({ settings: ${JSON.stringify(site.settings)}, diary: {}, datasets: {} });
      await compute.end(${JSON.stringify(toTrainingSpec())}).then(() => console.log('let in'), (error) => console.log(error.kind, error.message));
    `);
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      env: { PATH: '/nowhere', HOME: site.home, NODE_EXTRA_CA_CERTS: site.azure.certificateFile, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return printed.trim();
  }

  it('works as a service principal with a secret', async () => {
    const printed = await ask({ AZURE_AUTHORITY_HOST: signIn.authorityHost, AZURE_TENANT_ID: 'adfs', AZURE_CLIENT_ID: 'a-client', AZURE_CLIENT_SECRET: 'a-secret' });
    assert.equal(printed, 'let in');
    assert.equal(signIn.grants.at(-1), 'client_secret=a-secret');
  });

  it('works as a workload identity, with the token of its pod', async () => {
    const tokenFile = join(site.home, 'token');
    await writeFile(tokenFile, 'of-the-pod');
    const printed = await ask({ AZURE_AUTHORITY_HOST: signIn.authorityHost, AZURE_TENANT_ID: 'adfs', AZURE_CLIENT_ID: 'a-client', AZURE_FEDERATED_TOKEN_FILE: tokenFile });
    assert.equal(printed, 'let in');
    assert.equal(signIn.grants.at(-1), 'client_assertion=of-the-pod');
  });

  it('works as a managed identity of the machine', async () => {
    const printed = await ask({ IDENTITY_ENDPOINT: signIn.identityEndpoint, IDENTITY_HEADER: 'a-header' });
    assert.equal(printed, 'let in');
    assert.equal(signIn.grants.at(-1), 'identity header a-header');
  });

  it('says what to do when there is no identity at all', async () => {
    assert.match(await ask({ AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' }), /^access-denied This worker could not sign in to Azure .*workload identity.*"az login"/);
  });
});
