import assert from 'node:assert/strict';
import { toImageLocation } from '../../../adapters/containers/reference.ts';

describe('the reference of an image', () => {
  it('names its registry, its repository and its tag', () => {
    assert.deepEqual(toImageLocation('ghcr.io/acme/barometer/api:1a2b'), { host: 'ghcr.io', repository: 'acme/barometer/api', version: '1a2b' });
  });

  it('may have a port, and no tag', () => {
    assert.deepEqual(toImageLocation('127.0.0.1:5000/api'), { host: '127.0.0.1:5000', repository: 'api', version: 'latest' });
    assert.deepEqual(toImageLocation('localhost/a/b:1'), { host: 'localhost', repository: 'a/b', version: '1' });
  });

  it('may be pinned to a digest, which counts more than the tag', () => {
    assert.equal(toImageLocation('ghcr.io/acme/api@sha256:00ff').version, 'sha256:00ff');
    assert.deepEqual(toImageLocation('ghcr.io/acme/api:1@sha256:00ff'), { host: 'ghcr.io', repository: 'acme/api', version: 'sha256:00ff' });
  });

  it('is one of Docker Hub when it names no registry', () => {
    assert.deepEqual(toImageLocation('docker/buildkit-syft-scanner:stable-1'), { host: 'docker.io', repository: 'docker/buildkit-syft-scanner', version: 'stable-1' });
    assert.deepEqual(toImageLocation('node:24'), { host: 'docker.io', repository: 'library/node', version: '24' });
  });
});
