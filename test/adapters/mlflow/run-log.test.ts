import assert from 'node:assert/strict';
import { openRunLog } from '../../../adapters/mlflow/run-log.ts';
import type { RunLogOptions } from '../../../adapters/mlflow/run-log.ts';
import type { EpochPoint, RunEnd, TrackedRun } from '../../../adapters/mlflow/tracked-run.ts';
import { Failure } from '../../../domain/failure.ts';
import { toEpochMetrics, toEpochs, toStarted } from '../../support/trainings.ts';
import { until } from '../../support/until.ts';

const away = () => Promise.reject(new Failure('dependency-unavailable', 'The MLflow server is away.'));
const refused = () => Promise.reject(new Failure('access-denied', 'The MLflow server does not let us in.'));
/** Until it is aborted. */
const silent = (signal: AbortSignal) => new Promise<never>((_, reject) => {
  signal.addEventListener('abort', () => {
    reject(signal.reason as Error);
  });
});

describe('the log that MLflow gets', () => {
  /** A server that keeps what it is told, and does as `behaviour` before it does. */
  function setUp(options: Partial<RunLogOptions> = {}) {
    const server = { opened: 0, requests: 0, epochs: [] as number[], end: null as RunEnd | null };
    const behaviour: { request: (signal: AbortSignal) => Promise<unknown> } = { request: () => Promise.resolve() };
    const said: string[] = [];
    async function request(signal: AbortSignal): Promise<void> {
      server.requests += 1;
      await behaviour.request(signal);
    }
    const run: TrackedRun = {
      async logEpochs(points: readonly EpochPoint[], signal) {
        if (points.length > 0) await request(signal);
        server.epochs.push(...points.map(({ metrics }) => metrics.epoch));
      },
      async end(end, signal) {
        await request(signal);
        server.end = end;
      },
    };
    const open = () => {
      const log = openRunLog({
        async open(signal) {
          await request(signal);
          server.opened += 1;
          return run;
        },
        earlier: [],
        say: (message) => said.push(message),
        closeLimitsMs: { ended: 5_000, killed: 5_000 },
        retryDelaysMs: { first: 5, longest: 20 },
        ...options,
      });
      return {
        ...log,
        writeAll: (...events: readonly Parameters<typeof log.write>[0][]) => {
          for (const event of events) log.write(event);
        },
      };
    };
    return { server, behaviour, said, open };
  }

  it('opens the run before the first epoch is over', async () => {
    const { server, open } = setUp();
    const log = open();
    await until(() => server.opened === 1);
    await log.close('FINISHED');
  });

  it('sends every epoch once and in its order, and then the end', async () => {
    const { server, said, open } = setUp();
    const log = open();
    log.writeAll(toStarted(), ...toEpochs(1, 3));
    await until(() => server.epochs.length === 3);
    log.writeAll(...toEpochs(4, 5));
    await log.close('FINISHED');
    assert.deepEqual(server.epochs, [1, 2, 3, 4, 5]);
    assert.equal(server.end, 'FINISHED');
    assert.deepEqual(said, []);
  });

  it('sends the epochs before the checkpoint that an attempt goes on from', async () => {
    const { server, open } = setUp({ earlier: [1, 2, 3].map(toEpochMetrics) });
    const log = open();
    log.writeAll(toStarted(2), ...toEpochs(3, 3));
    await log.close('FINISHED');
    assert.deepEqual(server.epochs, [1, 2, 3]);
  });

  it('sends what came meanwhile when a server that was away is back, and says once that it was', async () => {
    const { server, behaviour, said, open } = setUp();
    behaviour.request = away;
    const log = open();
    log.writeAll(toStarted(), ...toEpochs(1, 3));
    await until(() => server.requests >= 3);
    behaviour.request = () => Promise.resolve();
    await until(() => server.epochs.length === 3);
    behaviour.request = away;
    log.writeAll(...toEpochs(4, 4));
    await until(() => server.requests >= 8);
    behaviour.request = () => Promise.resolve();
    await log.close('FINISHED');
    assert.deepEqual(server.epochs, [1, 2, 3, 4]);
    assert.equal(server.opened, 1);
    assert.equal(server.end, 'FINISHED');
    assert.deepEqual(said, ['The MLflow server is away. This training goes on, and sends what it could not as soon as it can.']);
  });

  it('asks no more when the server refuses, and says so once', async () => {
    const { server, behaviour, said, open } = setUp();
    behaviour.request = refused;
    const log = open();
    log.writeAll(toStarted(), ...toEpochs(1, 3));
    await until(() => said.length === 1);
    log.writeAll(...toEpochs(4, 6));
    await log.close('FINISHED');
    assert.equal(server.requests, 1);
    assert.deepEqual(said, ['The MLflow server does not let us in. This training goes on, and is not charted there.']);
  });

  it('keeps nobody waiting for a silent server while training goes on', () => {
    const { behaviour, open } = setUp({ closeLimitsMs: { ended: 20, killed: 20 } });
    behaviour.request = silent;
    const log = open();
    const startedAt = performance.now();
    log.writeAll(toStarted(), ...toEpochs(1, 1_000));
    assert.ok(performance.now() - startedAt < 10_000);
    return log.close('KILLED');
  });

  it('waits for a silent server at the end no longer than its limits, and says that something is missing', async () => {
    for (const [end, limitMs] of [['FINISHED', 300], ['KILLED', 50]] as const) {
      const { server, behaviour, said, open } = setUp({ closeLimitsMs: { ended: 300, killed: 50 } });
      behaviour.request = silent;
      const log = open();
      log.writeAll(toStarted(), ...toEpochs(1, 3));
      const startedAt = performance.now();
      await log.close(end);
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs >= limitMs - 10 && tookMs < limitMs + 10_000, `${end}: ${tookMs} ms`);
      assert.equal(server.end, null);
      assert.equal(said.length, 1);
      assert.match(said[0]!, /did not take all of this training within 0\.\d+ s/);
    }
  });

  it('tries again at the end without a long pause', async () => {
    const { server, behaviour, open } = setUp({ retryDelaysMs: { first: 50, longest: 60_000 } });
    behaviour.request = async () => {
      if (server.requests < 8) await away();
    };
    const log = open();
    log.writeAll(toStarted(), ...toEpochs(1, 2));
    await until(() => server.requests === 5);
    await log.close('FINISHED');
    assert.deepEqual(server.epochs, [1, 2]);
    assert.equal(server.end, 'FINISHED');
  });

  it('keeps no more than the latest two thousand epochs for a server that is away', async () => {
    const { server, behaviour, open } = setUp();
    behaviour.request = away;
    const log = open();
    log.writeAll(toStarted(), ...toEpochs(1, 2_500));
    behaviour.request = () => Promise.resolve();
    await log.close('FINISHED');
    assert.equal(server.epochs.length, 2_000);
    assert.equal(server.epochs[0], 501);
  });

  it('goes on as if nothing were when something unforeseen goes wrong', async () => {
    const { behaviour, said, open } = setUp();
    behaviour.request = () => Promise.reject(new TypeError('a mistake'));
    const log = open();
    log.writeAll(toStarted(), ...toEpochs(1, 1));
    await log.close('FINISHED');
    assert.equal(said.length, 1);
  });
});
