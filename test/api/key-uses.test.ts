import assert from 'node:assert/strict';
import type { KeyUses } from '../../api/key-uses.ts';
import { createKeyUses } from '../../api/key-uses.ts';
import { Failure } from '../../domain/failure.ts';
import { createTestLogger } from '../support/api.ts';
import { until } from '../support/until.ts';

describe('the uses of keys', () => {
  let uses: KeyUses | undefined;
  afterEach(() => uses?.close());

  function setUp(flushMs = 60_000) {
    const noted: [string, Date][] = [];
    const fault: { now: Error | null; tries: number } = { now: null, tries: 0 };
    const { logger, lines } = createTestLogger();
    const made = createKeyUses({
      noteUse(id, at) {
        fault.tries += 1;
        if (fault.now !== null) return Promise.reject(fault.now);
        noted.push([id, at]);
        return Promise.resolve();
      },
      logger,
      flushMs,
    });
    uses = made;
    return { uses: made, noted, fault, lines };
  }

  it('are noted to the hour, once an hour however often, and apart from the requests', async () => {
    const { uses, noted } = setUp();
    for (let times = 0; times < 100; times += 1) uses.used('a');
    assert.equal(noted.length, 0);
    await uses.flush();
    uses.used('a');
    uses.used('b');
    await uses.flush();
    assert.deepEqual(noted.map(([id]) => id), ['a', 'b']);
    for (const [, at] of noted) {
      assert.equal(at.getTime() % 3_600_000, 0);
      assert.ok(Math.abs(Date.now() - at.getTime()) < 3_601_000);
    }
  });

  it('are noted by themselves, and at the end', async () => {
    const { uses, noted } = setUp(5);
    uses.used('a');
    await until(() => noted.length === 1);
    uses.used('b');
    await uses.close();
    assert.deepEqual(noted.map(([id]) => id), ['a', 'b']);
  });

  it('are noted later when they can\'t be now', async () => {
    const { uses, noted, fault } = setUp();
    fault.now = new Failure('dependency-unavailable', 'away');
    uses.used('a');
    await uses.flush();
    fault.now = null;
    await uses.flush();
    assert.equal(noted.length, 1);
  });

  it('are not noted where this process may not, which is said once', async () => {
    const { uses, fault, lines } = setUp();
    fault.now = new Failure('access-denied', 'only a reader');
    for (let times = 0; times < 3; times += 1) {
      uses.used('a');
      await uses.flush();
    }
    assert.equal(fault.tries, 1);
    assert.equal(lines.length, 1);
  });
});
