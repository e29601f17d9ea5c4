import assert from 'node:assert/strict';
import { toAssetVersion, toDatastoreName, toEnvironmentVersion, toJobName } from '../../../../adapters/compute/azure-ml/names.ts';
import { GIT_SHA } from '../../../support/models.ts';

const RUN = '20261124T015500Z-1a2b3c4';

describe('names in a workspace', () => {
  it('are the same for the same job, and others for another attempt and another candidate', () => {
    assert.equal(toJobName(RUN, 1), `barometer-${RUN}`);
    assert.equal(toJobName(RUN, 2), `barometer-${RUN}-2`);
    assert.equal(toJobName(`${RUN}.c2`, 1), `barometer-${RUN}-c2`);
    assert.equal(toJobName(`${RUN}.c2`, 3), `barometer-${RUN}-c2-3`);
  });

  it('keep a version that is short enough, and shorten one that is not, so that it stays the only one', () => {
    assert.equal(toAssetVersion(RUN), RUN);
    const shortened = ['0.2', '0.25', '0.125'].map((ratio) => toAssetVersion(`${RUN}.test-${ratio}`));
    assert.equal(new Set(shortened).size, 3);
    for (const version of shortened) assert.match(version, /^20261124T015500Z-1a2b[a-z0-9-]{0,9}$/);
    assert.equal(shortened[0], toAssetVersion(`${RUN}.test-0.2`));
  });

  it('tell the same commit’s image in two registries apart', () => {
    const [a, b] = ['ghcr.io/acme/trainer', 'acme.azurecr.io/trainer'].map((image) => toEnvironmentVersion(GIT_SHA, image));
    assert.notEqual(a, b);
    assert.ok(a!.startsWith(GIT_SHA.slice(0, 12)) && a!.length <= 30);
  });

  it('have no dash in a datastore', () => {
    assert.equal(toDatastoreName('processed'), 'barometer_processed');
  });
});
