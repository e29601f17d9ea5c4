import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'mocha';
import { createRedact } from '../../../adapters/containers/redact.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome } from '../../support/container-engines.ts';

describe('the log of a build', () => {
  let home: EngineHome;

  beforeEach('make a home', () => {
    home = createEngineHome({ NPM_TOKEN: 'npm_from_the_environment' });
  });

  afterEach('remove it', () => home.remove());

  it('shows no password of a registry, in whatever form', async () => {
    home.signIn('ghcr.io', { name: 'someone', password: 'wrong-is-not-right' });
    const redact = await createRedact(home.environment, null);
    const auth = Buffer.from('someone:wrong-is-not-right').toString('base64');
    assert.equal(redact(`a wrong-is-not-right b ${auth} c wrong-is-not-right`), 'a *** b *** c ***');
  });

  it('shows no token of npm', async () => {
    const npmrc = home.write('.npmrc', ['registry=https://npm.example/', '//npm.example/:_authToken=npm_abcdef', '//other.example/:_authToken=${NPM_TOKEN}', '//old.example/:_password = "cGFzc3dvcmQ="'].join('\n'));
    const redact = await createRedact(home.environment, npmrc);
    assert.equal(redact('npm_abcdef npm_from_the_environment cGFzc3dvcmQ= https://npm.example/'), '*** *** *** https://npm.example/');
  });

  it('shows no credentials in URLs', async () => {
    const redact = await createRedact(home.environment, null);
    assert.equal(redact('fetching https://someone:pw@git.example/x.git and http://u@h/ and mail a@b.c'), 'fetching https://***@git.example/x.git and http://***@h/ and mail a@b.c');
  });

  it('keeps everything else', async () => {
    home.signIn('ghcr.io', { name: 'a', password: 'the' });
    const redact = await createRedact(home.environment, null);
    assert.equal(redact('STEP 3/4: COPY the rest'), 'STEP 3/4: COPY the rest');
  });
});
