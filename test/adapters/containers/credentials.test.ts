import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'mocha';
import { findCredentials, listPasswords } from '../../../adapters/containers/credentials.ts';
import type { EngineHome } from '../../support/container-engines.ts';
import { createEngineHome } from '../../support/container-engines.ts';

describe('the credentials of a registry', () => {
  let home: EngineHome;

  beforeEach('make a home', () => {
    home = createEngineHome();
  });

  afterEach('remove it', () => home.remove());

  const find = (host: string, repository = 'acme/api', more: Record<string, string> = {}) => findCredentials(host, repository, { ...home.environment, ...more });
  const toAuth = (user: string, password: string) => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') });

  it('are none when nobody signed in', async () => {
    assert.equal(await find('ghcr.io'), null);
  });

  it('are what docker login left, and for that registry only', async () => {
    home.signIn('ghcr.io', { name: 'someone', password: 'a:b' });
    assert.deepEqual(await find('ghcr.io'), { username: 'someone', password: 'a:b' });
    for (const other of ['cr.io', 'ghcr.io:443', 'ghcr.io.example.com']) assert.equal(await find(other), null, other);
  });

  it('lie where DOCKER_CONFIG says', async () => {
    home.write('elsewhere/config.json', JSON.stringify({ auths: { 'ghcr.io': toAuth('a', 'b') } }));
    assert.deepEqual(await find('ghcr.io', 'x', { DOCKER_CONFIG: `${home.directory}/elsewhere` }), { username: 'a', password: 'b' });
  });

  it('are what podman login left before those of docker, where the engines look too', async () => {
    home.signIn('ghcr.io', { name: 'docker', password: '1' });
    home.write('.config/containers/auth.json', JSON.stringify({ auths: { 'ghcr.io': toAuth('config', '2') } }));
    assert.deepEqual(await find('ghcr.io'), { username: 'config', password: '2' });
    home.write('runtime/containers/auth.json', JSON.stringify({ auths: { 'ghcr.io': toAuth('runtime', '3') } }));
    assert.deepEqual(await find('ghcr.io'), { username: 'runtime', password: '3' });
    const named = home.write('named.json', JSON.stringify({ auths: { 'ghcr.io': toAuth('named', '4') } }));
    assert.deepEqual(await find('ghcr.io', 'x', { REGISTRY_AUTH_FILE: named }), { username: 'named', password: '4' });
  });

  it('may be for a part of a registry', async () => {
    home.write('.docker/config.json', JSON.stringify({ auths: { 'r.io': toAuth('all', '1'), 'r.io/acme': toAuth('acme', '2'), 'r.io/acme/other': toAuth('other', '3') } }));
    assert.deepEqual(await find('r.io', 'acme/api'), { username: 'acme', password: '2' });
    assert.deepEqual(await find('r.io', 'acmes/api'), { username: 'all', password: '1' });
  });

  it('of Docker Hub go by another name', async () => {
    home.write('.docker/config.json', JSON.stringify({ auths: { 'https://index.docker.io/v1/': toAuth('hub', '1') } }));
    assert.deepEqual(await find('docker.io'), { username: 'hub', password: '1' });
  });

  it('may be a token that is traded for others', async () => {
    home.write('.docker/config.json', JSON.stringify({ auths: { 'acme.azurecr.io': { ...toAuth('00000000', ''), identitytoken: 'refresh' } } }));
    assert.deepEqual(await find('acme.azurecr.io'), { identityToken: 'refresh' });
  });

  it('are asked of the helper that docker uses', async () => {
    home.write('bin/docker-credential-chest', `#!/bin/sh\nread server\n[ "$1 $server" = "get r.io" ] && echo '{"ServerURL":"r.io","Username":"u","Secret":"s"}' || exit 1\n`, 0o755);
    const path = { PATH: `${home.directory}/bin:${home.environment['PATH']}` };
    home.write('.docker/config.json', JSON.stringify({ credsStore: 'chest', auths: { 'r.io': {}, 'other.io': toAuth('kept', 'here') } }));
    assert.deepEqual(await find('r.io', 'x', path), { username: 'u', password: 's' });
    assert.deepEqual(await find('other.io', 'x', path), { username: 'kept', password: 'here' });
    home.write('.docker/config.json', JSON.stringify({ credHelpers: { 'r.io': 'chest' } }));
    assert.deepEqual(await find('r.io', 'x', path), { username: 'u', password: 's' });
    assert.equal(await find('r.io'), null, 'a helper that is not there has nothing');
  });

  it('are none in a file that can not be read', async () => {
    home.write('.docker/config.json', 'not JSON');
    assert.equal(await find('ghcr.io'), null);
  });

  it('are all listed, to be blotted out', async () => {
    home.signIn('ghcr.io', { name: 'someone', password: 's3cret' });
    home.write('.config/containers/auth.json', JSON.stringify({ auths: { 'r.io': { username: 'u', password: 'other' } } }));
    const auth = Buffer.from('someone:s3cret').toString('base64');
    assert.deepEqual((await listPasswords(home.environment)).sort(), ['other', 's3cret', auth].sort());
  });
});
