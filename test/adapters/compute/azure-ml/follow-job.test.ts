import assert from 'node:assert/strict';
import type { ClusterNodes } from '../../../../adapters/compute/azure-ml/cluster.ts';
import { followJob } from '../../../../adapters/compute/azure-ml/follow-job.ts';
import type { Job, JobPhase } from '../../../../adapters/compute/azure-ml/jobs.ts';
import { Failure, isFailure } from '../../../../domain/failure.ts';
import type { TrainingEvent } from '../../../../domain/training.ts';
import { toMessages } from '../../../support/azure-ml/training-site.ts';

const settings = { pollMs: 1, queueTimeoutMs: 60_000, cluster: 'barometer-cpu', vmSize: 'Standard_F4s_v2' };

interface Course {
  /** What the job does, look by look; an error is what looking ends with. */
  readonly looks: readonly (JobPhase | Error)[];
  readonly nodes?: Partial<ClusterNodes>;
  readonly createdAt?: Date;
  readonly tail?: () => Promise<void>;
}

describe('following a job', () => {
  async function follow({ looks, nodes = {}, createdAt = new Date(), tail = () => Promise.resolve() }: Course) {
    const events: TrainingEvent[] = [];
    const ended: string[] = [];
    const job: Job = { name: 'a-job', attempt: 1, phase: 'queued', createdAt, studioUrl: null };
    let look = 0;
    const outcome = await followJob(job, {
      jobs: {
        async read() {
          const next = looks[Math.min(look, looks.length - 1)]!;
          look += 1;
          if (next instanceof Error) throw next;
          return { ...job, phase: next };
        },
        async end({ name }) {
          ended.push(name);
        },
      },
      cluster: { readNodes: async () => ({ most: 4, up: 0, starting: 0, isOverQuota: false, ...nodes }) },
      tail: { read: tail },
      settings,
      onEvent: (event) => events.push(event),
      signal: new AbortController().signal,
    }).catch((error: unknown) => error);
    return { outcome, messages: toMessages(events), ended };
  }

  it('ends with the job, however that ended', async () => {
    for (const phase of ['completed', 'failed', 'cancelled'] as const) {
      const { outcome, ended } = await follow({ looks: ['queued', 'preparing', 'running', phase] });
      assert.equal((outcome as Job).phase, phase);
      assert.deepEqual(ended, []);
    }
  });

  it('says what the job waits for, once', async () => {
    const { messages } = await follow({ looks: ['queued', 'queued', 'preparing', 'running', 'completed'], nodes: { up: 1, starting: 2 } });
    assert.deepEqual(messages, ['queued, 1 of 4 nodes up, 2 starting', 'the node gets its image']);
  });

  it('says it again when the job comes back into the queue', async () => {
    const { messages } = await follow({ looks: ['queued', 'running', 'queued', 'running', 'completed'] });
    assert.deepEqual(messages, ['queued, 0 of 4 nodes up', 'queued, 0 of 4 nodes up']);
  });

  it('bears that the service and the storage account are away for a while', async () => {
    const away = new Failure('dependency-unavailable', 'Away.');
    let reads = 0;
    const { outcome } = await follow({
      looks: ['running', away, away, 'completed'],
      async tail() {
        reads += 1;
        if (reads === 2) throw away;
      },
    });
    assert.equal((outcome as Job).phase, 'completed');
  });

  it('reads the last words again when that failed as the job ended', async () => {
    let reads = 0;
    await follow({
      looks: ['completed'],
      async tail() {
        reads += 1;
        if (reads === 1) throw new Failure('dependency-unavailable', 'Away.');
      },
    });
    assert.equal(reads, 2);
  });

  it('does not bear what waiting can not mend', async () => {
    const { outcome } = await follow({ looks: ['running', new Failure('access-denied', 'No.')] });
    assert.ok(isFailure(outcome, 'access-denied'));
  });

  it('cancels a job that got no node in time, and says what may help', async () => {
    const { outcome, ended } = await follow({ looks: ['queued'], createdAt: new Date(Date.now() - 61_000) });
    assert.ok(isFailure(outcome, 'capacity-missing'));
    assert.match(outcome.message, /got no node of barometer-cpu in 2 minutes and was cancelled.*none of Standard_F4s_v2 left/);
    assert.deepEqual(ended, ['a-job']);
  });

  it('counts the time in the queue from when the job last ran', async () => {
    const { outcome } = await follow({ looks: ['running', 'queued', 'completed'], createdAt: new Date(Date.now() - 61_000) });
    assert.equal((outcome as Job).phase, 'completed');
  });
});
