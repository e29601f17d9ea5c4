import assert from 'node:assert/strict';
import { before } from 'mocha';
import type { Finished } from '../../support/barometer.ts';
import { runBarometer } from '../../support/barometer.ts';
import { createFakeActivities } from '../../support/fake-activities.ts';
import { withWorkers } from '../../support/pipeline-workers.ts';
import { useTemporal } from '../../support/temporal.ts';

const GIT_SHA = 'c'.repeat(40);

describe('barometer schedule', () => {
  const temporal = useTemporal();
  let environment: Record<string, string>;

  before('say where the server is', () => {
    environment = { BAROMETER_TEMPORAL_ADDRESS: temporal.env.address };
  });

  function schedule(...args: string[]): Promise<Finished> {
    return runBarometer(['schedule', ...args], environment);
  }

  async function jsonOf(...args: string[]): Promise<Record<string, unknown>> {
    const { exitCode, stdout, stderr } = await schedule(...args, '--json');
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async function complaintOf(...args: string[]): Promise<string> {
    const { exitCode, stderr } = await schedule(...args);
    assert.equal(exitCode, 1);
    return stderr;
  }

  it('makes one by the clock, and changes it when it is made again', async () => {
    const nightly = ['create', '--id', 'nightly', '--cron', '0 3 * * *', '--time-zone', 'Europe/Berlin', '--only-if-new-data', '--no-deploy'];
    const made = await jsonOf(...nightly);
    assert.deepEqual({ done: made['done'], when: made['when'], paused: made['paused'] }, { done: 'created', when: '0 3 * * * (Europe/Berlin)', paused: false });
    const [next] = made['next'] as string[];
    const hour = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', hour: 'numeric', minute: 'numeric', hourCycle: 'h23' }).format(new Date(next!));
    assert.equal(hour, '03:00');
    const changed = await jsonOf(...nightly, '--candidates', '3');
    assert.equal(changed['done'], 'updated');
    assert.equal((changed['input'] as { run: { candidates: number } }).run.candidates, 3);
    const { stdout } = await schedule('list');
    assert.match(stdout, /nightly\s+0 3 \* \* \* \(Europe\/Berlin\)\s+the worker's\s+\d{4}-/);
    assert.equal(stdout.match(/nightly/g)?.length, 1);
  });

  it('makes one on uploads, which waits for them to end', async () => {
    const { input } = await jsonOf('create', '--on-upload', '--git-sha', GIT_SHA) as { input: Record<string, unknown> };
    const { onlyIfNewData, settleMinutes, mostWaitMinutes, gitSha } = input;
    assert.deepEqual({ onlyIfNewData, settleMinutes, mostWaitMinutes, gitSha }, { onlyIfNewData: true, settleMinutes: 10, mostWaitMinutes: 120, gitSha: GIT_SHA });
    await jsonOf('delete', 'on-upload');
    assert.match(await complaintOf('show', 'on-upload'), /There is no schedule "on-upload"/);
  });

  it('takes a turn now, and says what became of it', async () => {
    await jsonOf('create', '--id', 'now', '--every', '7d', '--only-if-new-data');
    const nothingNew = createFakeActivities({ checkNewImages: async () => ({ images: 12, digest: 'a', isChanged: false, newImages: 0, newestAgeMs: null, oldestAgeMs: null }) });
    await withWorkers(temporal.env, nothingNew, async () => {
      const { exitCode, stdout } = await schedule('trigger', 'now');
      assert.equal(exitCode, 0);
      assert.equal(stdout, 'nothing-new: Nothing has changed since the last finished run: 12 images.\n');
      assert.match((await schedule('show', 'now')).stdout, /1 taken.*\n[^]*nothing-new/);
    });
  });

  it('pauses and goes on', async () => {
    await jsonOf('create', '--id', 'holidays', '--cron', '@daily');
    await jsonOf('pause', 'holidays', '--reason', 'nobody is there');
    assert.match((await schedule('show', 'holidays')).stdout, /paused: nobody is there/);
    await jsonOf('resume', 'holidays');
    assert.equal((await jsonOf('show', 'holidays'))['paused'], false);
  });

  it('leaves schedules alone that are not Barometer\'s', async () => {
    const { client } = temporal.env;
    await client.schedule.create({ scheduleId: 'theirs', spec: { intervals: [{ every: '1 day' }] }, action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' } });
    assert.match(await complaintOf('delete', 'theirs'), /not Barometer's/);
    assert.match(await complaintOf('create', '--id', 'theirs', '--every', '1h'), /not Barometer's/);
    assert.doesNotMatch((await schedule('list')).stdout, /theirs/);
  });

  it('says what is wrong with what it is asked for', async () => {
    assert.match(await complaintOf('create', '--cron', '0 25 * * *'), /"25" is no hour: a number from 0 to 23/);
    assert.match(await complaintOf('create', '--cron', '@daily', '--time-zone', 'Mars'), /Europe\/Berlin/);
    assert.match(await complaintOf('create'), /in one way: --cron, --every or --on-upload/);
    assert.match(await complaintOf('create', '--on-upload', '--no-process'), /leave out --no-process/);
    assert.match(await complaintOf('create', '--every', '1h', '--settle', '5'), /need --only-if-new-data/);
  });
});
