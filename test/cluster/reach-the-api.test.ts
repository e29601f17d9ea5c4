import assert from 'node:assert/strict';
import type { RollOutRequest } from '../../activities/roll-out.ts';
import { followLogs } from '../../adapters/kubernetes/follow-logs.ts';
import { forwardService } from '../../adapters/kubernetes/forward-service.ts';
import { isFailure } from '../../domain/failure.ts';
import { pushTestImage } from '../support/cluster/test-image.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import { useRegistry } from '../support/registry.ts';
import { toApiScript } from '../support/rollout/api-script.ts';
import { useRolloutRig } from '../support/rollout/rollout-rig.ts';
import { until } from '../support/until.ts';

const GIT_SHA = 'b'.repeat(40);
const BODY = Buffer.alloc(300_000, 7);

describe('the API in a cluster, reached from here', function () {
  this.timeout(180_000);
  const registry = useRegistry();
  const cluster = useCluster({ node: true });
  const rig = useRolloutRig(cluster);

  async function toRelease(modelVersion: number): Promise<RollOutRequest> {
    const image = await pushTestImage({ registry: registry.host, tag: GIT_SHA, script: toApiScript('good') });
    return { runName: `20261125T010000Z-000000${modelVersion}`, gitSha: GIT_SHA, modelVersion, image };
  }

  it('answers through a forwarded port, one connection after another and several at a time, also after a rollout', async () => {
    const problems: unknown[] = [];
    await rig.rollOut(await toRelease(1));
    const { port, close } = await forwardService(rig.cluster, { port: 0, onProblem: (problem) => problems.push(problem) });
    try {
      const predict = async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body: BODY, headers: { connection: 'close' } });
        return ((await answer.json()) as { model: { version: number } }).model.version;
      };
      assert.equal(await predict(), 1);
      assert.deepEqual(await Promise.all(Array.from({ length: 8 }, predict)), Array.from({ length: 8 }, () => 1));
      await rig.rollOut(await toRelease(2));
      assert.equal(await predict(), 2);
    } finally {
      await close();
    }
    assert.deepEqual(problems, []);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/readyz`), 'it is closed');
  });

  it('is not forwarded to while none of its pods is ready', async () => {
    await assert.rejects(forwardService(rig.cluster, { port: 0, onProblem: () => undefined }), (error) => isFailure(error, 'not-found'));
  });

  it('shows its logs, and those of pods that come later', async () => {
    await rig.rollOut(await toRelease(1));
    const lines: string[] = [];
    const ending = new AbortController();
    const following = followLogs(rig.cluster, { signal: ending.signal, follow: true, pollMs: 200, onLine: ({ pod, text }) => lines.push(`${pod} ${text}`) });
    await until(() => lines.some((line) => /^barometer-api-\S+ listens, with model 1$/.test(line)), 20_000);
    await rig.rollOut(await toRelease(2));
    await until(() => lines.some((line) => line.endsWith(' listens, with model 2')), 20_000);
    ending.abort();
    await following;
    assert.equal(lines.filter((line) => line.endsWith('with model 1')).length, 1, 'no line twice');
  });
});
