import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach } from 'mocha';
import type { Cluster } from '../../../adapters/kubernetes/cluster.ts';
import { connectCluster } from '../../../adapters/kubernetes/cluster.ts';
import type { HeldLease, LeaseOptions } from '../../../adapters/kubernetes/lease.ts';
import { holdLease } from '../../../adapters/kubernetes/lease.ts';
import { isFailure } from '../../../domain/failure.ts';
import { FIELD_MANAGER } from '../../../domain/rollout.ts';
import { useCluster } from '../../support/cluster/use-cluster.ts';
import { until } from '../../support/until.ts';

const PACE = { durationMs: 2_000, renewMs: 100, retryMs: 50 };
const holder = { name: 'run-1', gitSha: 'a'.repeat(40) };
const other = { name: 'run-2', gitSha: 'b'.repeat(40) };

describe('the lease of rollouts', () => {
  const testCluster = useCluster();
  let cluster: Cluster;

  beforeEach('take a namespace', async () => {
    cluster = connectCluster({ kubeconfig: testCluster.kubeconfig, context: null, namespace: await testCluster.newNamespace() });
  });

  function hold<T>(who: typeof holder, work: (lease: HeldLease) => Promise<T>, options: Partial<LeaseOptions> = {}): Promise<T> {
    return holdLease(cluster, who, { signal: new AbortController().signal, limitMs: 20_000, onWait: () => undefined, pace: PACE, ...options }, work);
  }

  function read(field: string): Promise<string> {
    return testCluster.kubectl(['--namespace', cluster.namespace, 'get', 'lease', FIELD_MANAGER, '--output', `jsonpath={${field}}`]);
  }

  function patch(change: object): Promise<string> {
    return testCluster.kubectl(['--namespace', cluster.namespace, 'patch', 'lease', FIELD_MANAGER, '--type=merge', '--patch', JSON.stringify(change)]);
  }

  it('is renewed while the work lasts, and free afterwards, also when the work fails', async () => {
    const failed = new Error('failed');
    await assert.rejects(
      hold(holder, async () => {
        assert.match(await read('.spec.holderIdentity'), /^run-1\//);
        const first = await read('.spec.renewTime');
        await until(async () => (await read('.spec.renewTime')) !== first);
        throw failed;
      }),
      failed,
    );
    assert.equal(await read('.spec.holderIdentity'), '');
  });

  it('is held by one at a time, of several who ask at once', async () => {
    let holders = 0;
    const most = await Promise.all(
      [1, 2, 3, 4].map((number) =>
        hold({ ...holder, name: `run-${number}` }, async () => {
          holders += 1;
          const now = holders;
          await wait(150);
          holders -= 1;
          return now;
        }),
      ),
    );
    assert.deepEqual(most, [1, 1, 1, 1]);
  });

  it('tells who waits for whom', async () => {
    const notes = new Set<string>();
    const waits = Promise.withResolvers<undefined>();
    let waiting: Promise<void> | undefined;
    await hold(holder, async () => {
      const onWait = (note: string): void => {
        notes.add(note);
        waits.resolve(undefined);
      };
      waiting = hold(other, () => Promise.resolve(), { onWait });
      await waits.promise;
    });
    await waiting;
    assert.deepEqual([...notes], [`waits for the rollout of commit ${holder.gitSha} (run run-1)`]);
  });

  it('is not waited for beyond the limit, nor when nobody wants it any more', async () => {
    await hold(holder, async () => {
      await assert.rejects(hold(other, () => Promise.resolve(), { limitMs: 200 }), (error) => isFailure(error, 'dependency-unavailable') && error.message.includes(holder.gitSha));
      const cancelled = new Error('cancelled');
      const waiting = new AbortController();
      await assert.rejects(hold(other, () => Promise.resolve(), { signal: waiting.signal, onWait: () => { waiting.abort(cancelled); } }), cancelled);
    });
  });

  it('is taken from one that was not seen to renew, whatever the clocks say', async () => {
    await hold(holder, () => Promise.resolve());
    await patch({ spec: { holderIdentity: 'dead/1', leaseDurationSeconds: 1, renewTime: '2099-01-01T00:00:00.000000Z' } });
    const startedAt = performance.now();
    await hold(other, () => Promise.resolve());
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 1_000, `it was taken after ${tookMs} ms`);
  });

  it('is not taken from one that renews, even if its clock is years behind', async () => {
    await hold(holder, () => Promise.resolve());
    let years = 1990;
    const renewals = setInterval(() => void patch({ spec: { holderIdentity: 'alive/1', leaseDurationSeconds: 4, renewTime: `${(years += 1)}-01-01T00:00:00.000000Z` } }), 500);
    try {
      await patch({ spec: { holderIdentity: 'alive/1', leaseDurationSeconds: 4 } });
      await assert.rejects(hold(other, () => Promise.resolve(), { limitMs: 6_000 }), (error) => isFailure(error, 'dependency-unavailable'));
    } finally {
      clearInterval(renewals);
    }
  });

  it('goes at once to a later attempt of the same run, and the earlier one learns of it', async () => {
    await assert.rejects(
      hold(holder, async ({ lost, confirm }) => {
        await hold(holder, async () => {
          await assert.rejects(confirm(), (error) => isFailure(error, 'write-conflict'));
          assert.ok(lost.aborted);
        });
        lost.throwIfAborted();
        // Else waiting for its end would do.
      }, { pace: { ...PACE, durationMs: 60_000 } }),
      (error) => isFailure(error, 'write-conflict'),
    );
  });

  it('is noticed to be lost without being asked', async () => {
    await hold(holder, async ({ lost }) => {
      await patch({ spec: { holderIdentity: 'somebody/else' } });
      await until(() => lost.aborted);
    });
    assert.equal(await read('.spec.holderIdentity'), 'somebody/else');
  });

  it('stays ours when somebody only labels it', async () => {
    await hold(holder, async ({ lost, confirm }) => {
      await patch({ metadata: { labels: { seen: 'yes' } } });
      await confirm();
      await confirm();
      assert.ok(!lost.aborted);
      assert.equal(await read('.metadata.labels.seen'), 'yes');
    });
  });

  it('outlives an API server that is away', async function () {
    const { apiServer } = testCluster;
    if (apiServer === null) this.skip();
    const notes: string[] = [];
    await hold(holder, async ({ confirm, lost }) => {
      const waiting = new AbortController();
      const waits = hold(other, () => Promise.resolve(), { signal: waiting.signal, onWait: (note) => notes.push(note) });
      waits.catch(() => undefined);
      await until(() => notes.some((note) => note.startsWith('waits for the rollout')));
      await apiServer.stop();
      await until(() => notes.some((note) => note.includes('does not answer')));
      // Longer than the lease lasts: who waits must not count this time.
      await wait(PACE.durationMs + 500);
      await apiServer.start();
      await confirm();
      assert.ok(!lost.aborted);
      waiting.abort();
      // Whoever waits is the first to see the API server again.
    }, { pace: { ...PACE, renewMs: 60_000 } });
  });
});
