import assert from 'node:assert/strict';
import { loadConfig } from '../../config/config.ts';

describe('the settings of container images', () => {
  it('send images to GitHub where no registry is named', () => {
    const toRepository = (name: string) => loadConfig({ BAROMETER_IMAGE_REPOSITORY: name }).images.repository;
    assert.equal(toRepository('acme/barometer'), 'ghcr.io/acme/barometer');
    assert.equal(toRepository('localhost/barometer'), 'localhost/barometer');
    assert.equal(toRepository('127.0.0.1:5000/barometer'), '127.0.0.1:5000/barometer');
    assert.throws(() => toRepository('Acme/Barometer'), /BAROMETER_IMAGE_REPOSITORY: give a repository like/);
  });
});
