import assert from 'node:assert/strict';
import { follow } from '../../api/follow.ts';
import { until } from '../support/until.ts';

describe('following something', () => {
  it('looks at once, and again and again, until it is closed', async () => {
    let looks = 0;
    const following = follow(async () => { looks += 1; }, 1);
    assert.equal(looks, 1);
    await until(() => looks >= 3);
    await following.close();
    const atTheEnd = looks;
    await following.refresh();
    assert.equal(looks, atTheEnd + 1, 'only who asks looks now');
  });

  it('never looks twice at a time', async () => {
    let looks = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const following = follow(() => {
      looks += 1;
      return promise;
    }, 1);
    const both = Promise.all([following.refresh(), following.refresh()]);
    assert.equal(looks, 1);
    resolve();
    await both;
    await following.close();
  });

  it('waits at its end for the look that is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let isLooked = false;
    const following = follow(async () => {
      await promise;
      isLooked = true;
    }, 1);
    const closed = following.close();
    resolve();
    await closed;
    assert.equal(isLooked, true);
  });
});
