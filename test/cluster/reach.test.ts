import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { before, beforeEach } from 'mocha';
import { followLogs } from '../../adapters/kubernetes/follow-logs.ts';
import type { LogLine } from '../../adapters/kubernetes/follow-logs.ts';
import { forwardService } from '../../adapters/kubernetes/forward-service.ts';
import { isFailure } from '../../domain/failure.ts';
import { pushTestImage } from '../support/cluster/test-image.ts';
import { useCluster } from '../support/cluster/use-cluster.ts';
import { useRegistry } from '../support/registry.ts';
import { GOLDEN, toApiScript } from '../support/rollout/api-script.ts';
import { useRolloutRig } from '../support/rollout/rollout-rig.ts';
import { until } from '../support/until.ts';

describe('the way to the API in a real cluster', () => {
  const registry = useRegistry();
  const rig = useRolloutRig(useCluster({ node: true }));
  let image: { reference: string; digest: string };
  let modelVersion = 0;

  before('push an image', async () => {
    image = await pushTestImage({ registry: registry.host, tag: 'good', script: toApiScript('good') });
  });

  async function rollOut(): Promise<void> {
    modelVersion += 1;
    const gitSha = modelVersion.toString(16).padStart(40, 'b');
    await rig.rollOut({ runName: `20261125T010000Z-${gitSha.slice(-7)}`, gitSha, modelVersion, image });
  }

  describe('by port-forward', () => {
    const problems: unknown[] = [];
    const onProblem = (problem: unknown) => problems.push(problem);
    beforeEach('forget', () => {
      problems.length = 0;
    });

    async function predict(port: number, body: Uint8Array = Buffer.from(GOLDEN[0]!.image, 'base64')): Promise<number> {
      const headers = { 'content-type': 'image/png', connection: 'close' };
      const response = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> });
      assert.equal(response.status, 200);
      return ((await response.json()) as { model: { version: number } }).model.version;
    }

    it('answers on a port of this machine, several at a time, and large bodies too', async () => {
      rig.writeOverlay({ replicas: 2 });
      await rollOut();
      const forward = await forwardService(rig.cluster, { port: 0, onProblem });
      try {
        const answers = await Promise.all(Array.from({ length: 20 }, () => predict(forward.port)));
        assert.deepEqual(new Set(answers), new Set([modelVersion]));
        assert.equal(await predict(forward.port, Buffer.alloc(5_000_000, 1)), modelVersion);
        assert.deepEqual(problems, []);
      } finally {
        await forward.close();
      }
      await assert.rejects(fetch(`http://127.0.0.1:${forward.port}/`));
    });

    it('goes to the new pods after a rollout, without being started again', async () => {
      await rollOut();
      const forward = await forwardService(rig.cluster, { port: 0, onProblem });
      try {
        assert.equal(await predict(forward.port), modelVersion);
        await rollOut();
        assert.equal(await predict(forward.port), modelVersion);
      } finally {
        await forward.close();
      }
    });

    it('says that there is nothing to reach, or that the port is taken', async () => {
      await assert.rejects(forwardService(rig.cluster, { port: 0, onProblem }), (error) => isFailure(error, 'not-found'));
      await rollOut();
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await assert.rejects(forwardService(rig.cluster, { port, onProblem }), (error) => isFailure(error, 'configuration-invalid') && error.message.includes(`Port ${port}`));
      server.close();
      await rig.kubectl('scale', 'deployment', 'barometer-api', '--replicas=0');
      await until(async () => forwardService(rig.cluster, { port: 0, onProblem }).then((forward) => forward.close().then(() => false), (error: unknown) => isFailure(error, 'dependency-unavailable')));
    });

    it('tells of a connection that can not be made, and goes on', async () => {
      await rollOut();
      const forward = await forwardService(rig.cluster, { port: 0, onProblem });
      try {
        await rig.kubectl('scale', 'deployment', 'barometer-api', '--replicas=0');
        await until(async () => {
          await predict(forward.port).catch(() => undefined);
          return problems.some((problem) => isFailure(problem, 'dependency-unavailable'));
        });
        await rig.kubectl('scale', 'deployment', 'barometer-api', '--replicas=1');
        await until(() => predict(forward.port).then((version) => version === modelVersion, () => false));
      } finally {
        await forward.close();
      }
    });
  });

  describe('by its logs', () => {
    function toPods(lines: readonly LogLine[]): Set<string> {
      return new Set(lines.map(({ pod }) => pod));
    }

    it('reads those of all pods, to their end', async () => {
      rig.writeOverlay({ replicas: 2 });
      await rollOut();
      const lines: LogLine[] = [];
      await followLogs(rig.cluster, { signal: new AbortController().signal, follow: false, onLine: (line) => lines.push(line) });
      assert.deepEqual(lines.map(({ text }) => text), [1, 2].map(() => `listens, with model ${modelVersion}`));
      assert.equal(toPods(lines).size, 2);
      const none: LogLine[] = [];
      await followLogs(rig.cluster, { signal: new AbortController().signal, follow: false, tailLines: 0, onLine: (line) => none.push(line) });
      assert.deepEqual(none, []);
    });

    it('follows pods that come later, and ends when it is told to', async () => {
      await rollOut();
      const first = modelVersion;
      const lines: LogLine[] = [];
      const over = new AbortController();
      const followed = followLogs(rig.cluster, { signal: over.signal, follow: true, pollMs: 200, onLine: (line) => lines.push(line) });
      await until(() => lines.some(({ text }) => text === `listens, with model ${first}`));
      await rollOut();
      await until(() => lines.some(({ text }) => text === `listens, with model ${modelVersion}`));
      over.abort();
      await followed;
      assert.equal(lines.length, 2, 'no line twice');
    });

    it('follows a container that is started again', async () => {
      await rollOut();
      const lines: LogLine[] = [];
      const over = new AbortController();
      const followed = followLogs(rig.cluster, { signal: over.signal, follow: true, pollMs: 200, onLine: (line) => lines.push(line) });
      await until(() => lines.length === 1);
      const [pod] = [...toPods(lines)];
      // The end of its container may be the end of this command, before it says that all went well.
      await rig.kubectl('exec', pod!, '--', 'node', '--eval', 'process.kill(1, "SIGTERM")').catch((error: unknown) => { assert.match(String(error), /exit code 137/); });
      await until(() => lines.length === 2);
      assert.equal(toPods(lines).size, 1);
      over.abort();
      await followed;
    });

    it('says that there is nothing to read', async () => {
      await assert.rejects(followLogs(rig.cluster, { signal: new AbortController().signal, follow: true, onLine: () => undefined }), (error) => isFailure(error, 'not-found'));
    });
  });
});
