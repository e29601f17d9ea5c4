import assert from 'node:assert/strict';
import { isRemote, toSourceUrl } from '../../../adapters/git/origin.ts';

describe('the origin of a repository', () => {
  it('is somewhere else when it is a URL or names a host', () => {
    for (const remote of ['https://github.com/acme/barometer', 'ssh://git@host/x', 'file:///srv/x.git', 'git@github.com:acme/barometer.git']) {
      assert.ok(isRemote(remote), remote);
    }
    for (const folder of ['/srv/barometer', '.', '../barometer', 'C:\\code\\barometer', './a@b:c/d']) assert.ok(!isRemote(folder), folder);
  });

  it('is shown as the page where people read the code', () => {
    assert.equal(toSourceUrl('https://github.com/acme/barometer.git'), 'https://github.com/acme/barometer');
    assert.equal(toSourceUrl('git@github.com:acme/barometer.git'), 'https://github.com/acme/barometer');
    assert.equal(toSourceUrl('ssh://git@git.example.com:7999/acme/barometer.git/'), 'https://git.example.com/acme/barometer');
    assert.equal(toSourceUrl('http://localhost:3000/acme/barometer'), 'http://localhost:3000/acme/barometer');
  });

  it('is shown without credentials', () => {
    assert.equal(toSourceUrl('https://someone:s3cret@github.com/acme/barometer'), 'https://github.com/acme/barometer');
  });

  it('is not shown when it is a folder', () => {
    for (const folder of ['/srv/barometer.git', '../barometer', 'file:///srv/barometer']) assert.equal(toSourceUrl(folder), null);
  });
});
