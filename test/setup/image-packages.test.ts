import assert from 'node:assert/strict';
import { toReducedPackage } from '../../setup/image-packages.js';

const WHOLE = { name: 'barometer', type: 'module', dependencies: { koa: '3.3.0', zod: '4.6.7' }, devDependencies: { mocha: '12.0.3' }, overrides: { semver: '7.0.0' } };

describe('the packages for an image', () => {
  it('are some of the dependencies, in the versions that the project has', () => {
    assert.deepEqual(toReducedPackage(WHOLE, ['zod']), { name: 'barometer', type: 'module', dependencies: { zod: '4.6.7' }, overrides: { semver: '7.0.0' } });
  });

  it('can only be dependencies of the project', () => {
    assert.throws(() => toReducedPackage(WHOLE, ['zod', 'mocha', 'left-pad']), /no dependency mocha, left-pad/);
  });
});
