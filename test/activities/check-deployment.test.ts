import assert from 'node:assert/strict';
import type { CheckDeploymentDependencies } from '../../activities/check-deployment.ts';
import { createCheckDeploymentActivities } from '../../activities/check-deployment.ts';

describe('checkDeployment', () => {
  function check(changes: Partial<CheckDeploymentDependencies> = {}) {
    const fine = () => Promise.resolve(null);
    return createCheckDeploymentActivities({ whyNotBuild: fine, whyNotRollOut: fine, images: ['api', 'trainer'], ...changes }).checkDeployment();
  }

  it('says that all is there, and which images are built', async () => {
    assert.deepEqual(await check(), { buildImage: { ready: true }, images: ['api', 'trainer'], rollOut: { ready: true } });
  });

  it('says of each step by itself what is missing', async () => {
    const { buildImage, rollOut } = await check({
      whyNotBuild: () => Promise.resolve('There is no engine.'),
      whyNotRollOut: () => Promise.resolve('There is no cluster.'),
    });
    assert.deepEqual(buildImage, { ready: false, why: 'There is no engine.' });
    assert.deepEqual(rollOut, { ready: false, why: 'There is no cluster.' });
  });

  it('has nothing to roll out when the API is not built', async () => {
    const { buildImage, rollOut } = await check({ images: ['trainer'] });
    assert.equal(buildImage.ready, true);
    assert.match('why' in rollOut ? rollOut.why : '', /add "api" to BAROMETER_IMAGES/);
  });
});
