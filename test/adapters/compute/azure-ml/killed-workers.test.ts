import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'mocha';
import type { AzureMl } from '../../../support/azure-ml/azure-ml.ts';
import type { TrainingSite } from '../../../support/azure-ml/training-site.ts';
import { openTrainingSite, RUN } from '../../../support/azure-ml/training-site.ts';
import { until } from '../../../support/until.ts';

const WORKER = fileURLToPath(new URL('../../../support/azure-ml/worker.ts', import.meta.url));
const CANDIDATES = ['c1', 'c2', 'c3', 'c4'];

describe('a worker that is killed while it trains in Azure ML', () => {
  let site: TrainingSite;

  beforeEach('open a workspace', async () => {
    site = await openTrainingSite();
  });

  afterEach('end it; every request must have kept the contract', async () => {
    const broken = site.azure.violations();
    await site.stop();
    assert.deepEqual(broken, []);
  });

  function startWorker() {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', WORKER, JSON.stringify(site.settings), site.home, ...CANDIDATES], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: site.azure.certificateFile },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return { child, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
  }

  function hasSeen(operation: AzureMl['requests'][number]['operation'], times = 1): boolean {
    return site.azure.requests.filter((request) => request.operation === operation).length >= times;
  }

  const MOMENTS: readonly { readonly name: string; readonly hasCome: () => boolean }[] = [
    { name: 'while the cluster is made', hasCome: () => hasSeen('writeCompute') },
    { name: 'after it has submitted the first job', hasCome: () => hasSeen('writeJob') },
    { name: 'after it has submitted the last job', hasCome: () => hasSeen('writeJob', 4) },
    { name: 'while jobs run', hasCome: () => site.azure.jobs.all().some(({ status }) => status === 'Running') },
  ];

  for (const { name, hasCome } of MOMENTS) {
    it(`is followed by one that finds what is there: killed ${name}`, async () => {
      const first = startWorker();
      await until(hasCome);
      first.child.kill('SIGKILL');
      await first.exited;
      const [code] = await startWorker().exited;
      assert.equal(code, 0);
      const jobs = site.azure.jobs.all().map(({ name: job, status, starts }) => ({ job, status, starts }));
      assert.deepEqual(jobs.sort((a, b) => (a.job < b.job ? -1 : 1)), CANDIDATES.map((candidate) => ({ job: `barometer-${RUN}-${candidate}`, status: 'Completed', starts: 1 })));
    });
  }

  it('leaves one job for each candidate too when answers get lost and requests are throttled meanwhile', async () => {
    const { faults, jobs } = site.azure;
    faults.plan('writeJob', 'lose the answer', 2);
    faults.plan('writeData', 'lose the request');
    faults.plan('readJob', { throttle: 1 });
    const first = startWorker();
    await until(() => hasSeen('writeJob', 3));
    first.child.kill('SIGKILL');
    await first.exited;
    const [code] = await startWorker().exited;
    assert.equal(code, 0);
    assert.equal(faults.left(), 0);
    assert.deepEqual(jobs.all().map(({ starts }) => starts), [1, 1, 1, 1]);
  });
});
