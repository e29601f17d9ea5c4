import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Cluster, ClusterRequest } from '../../../adapters/kubernetes/cluster.ts';
import type { LogLine } from '../../../adapters/kubernetes/follow-logs.ts';
import { followLogs } from '../../../adapters/kubernetes/follow-logs.ts';
import { Failure, isFailure } from '../../../domain/failure.ts';
import { until } from '../../support/until.ts';

const running = { metadata: { name: 'barometer-api-1', uid: '1', creationTimestamp: '' }, status: { containerStatuses: [{ name: 'api', restartCount: 0, state: { running: {} } }] } };
const pulling = { metadata: { name: 'barometer-api-2', uid: '2', creationTimestamp: '' }, status: { containerStatuses: [{ name: 'api', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }] } };

/** Of what real pods write, see test/cluster/reach.test.ts; here are connections that break. */
describe('following logs', () => {
  /** Each log is what is given, in turn: text that ends well, text and then an error, or a failure. */
  function setUp(...logs: (string | Failure | { readonly text: string; readonly thenBreaks: true })[]) {
    const asked: ClusterRequest[] = [];
    const cluster = {
      namespace: 'it',
      ask: ({ path }: ClusterRequest) => Promise.resolve(path.endsWith('/pods') ? { items: [running, pulling] } : path.endsWith('/replicasets') ? { items: [] } : { metadata: { uid: '0' }, spec: { selector: { matchLabels: {} } } }),
      open(request: ClusterRequest) {
        asked.push(request);
        const log = logs.shift() ?? '';
        if (log instanceof Failure) return Promise.reject(log);
        const stream = new PassThrough();
        if (typeof log === 'string') stream.end(log);
        else stream.write(log.text, () => setImmediate(() => stream.destroy(new Error('reset'))));
        return Promise.resolve(stream);
      },
    } as unknown as Cluster;
    return { cluster, asked };
  }

  function follow(cluster: Cluster, options: { readonly follow?: boolean } = {}) {
    const lines: LogLine[] = [];
    const over = new AbortController();
    const followed = followLogs(cluster, { signal: over.signal, follow: true, pollMs: 5, onLine: (line) => lines.push(line), ...options });
    return { lines, followed, end: () => { over.abort(); return followed; } };
  }

  it('asks for no log of a container that has not started', async () => {
    const { cluster, asked } = setUp('one\n');
    const { lines, followed } = follow(cluster, { follow: false });
    await followed;
    assert.deepEqual(lines, [{ pod: 'barometer-api-1', text: 'one' }]);
    assert.equal(asked.length, 1);
  });

  it('goes on where a connection broke', async () => {
    const { cluster, asked } = setUp({ text: 'one\n', thenBreaks: true }, new Failure('dependency-unavailable', 'Away.'), 'two\n');
    const { lines, end } = follow(cluster);
    await until(() => lines.length === 2);
    await end();
    assert.deepEqual(lines.map(({ text }) => text), ['one', 'two']);
    assert.match(String(asked.at(-1)!.query!['sinceTime']), /^\d{4}-\d\d-\d\dT/);
  });

  it('says that we may not read', async () => {
    const { cluster } = setUp(new Failure('access-denied', 'No.'));
    await assert.rejects(follow(cluster).followed, (error) => isFailure(error, 'access-denied'));
  });

  it('does not mind a pod that is gone by the time it is asked', async () => {
    const { cluster, asked } = setUp(new Failure('not-found', 'Gone.'));
    const { end } = follow(cluster);
    await until(() => asked.length === 1);
    await end();
  });
});
