import assert from 'node:assert/strict';
import { toImageReference, toPinnedReference } from '../../domain/container-image.ts';

const GIT_SHA = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';

describe('an image reference', () => {
  it('is the repository, the image and the full git-sha', () => {
    assert.equal(toImageReference('ghcr.io/acme/barometer', 'api', GIT_SHA), `ghcr.io/acme/barometer/api:${GIT_SHA}`);
  });

  it('is pinned by its digest', () => {
    assert.equal(toPinnedReference({ reference: 'ghcr.io/a/api:b', digest: 'sha256:c' }), 'ghcr.io/a/api:b@sha256:c');
  });
});
