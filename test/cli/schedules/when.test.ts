import assert from 'node:assert/strict';
import { InvalidArgumentError } from 'commander';
import { toEveryMs, toTimeZone, toWhen } from '../../../cli/schedules/when.ts';
import { isFailure } from '../../../domain/failure.ts';

describe('when a schedule\'s turns come', () => {
  it('is by the clock of a time zone, which is UTC when none is named', () => {
    assert.deepEqual(toWhen({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' }), { spec: { cronExpressions: ['0 3 * * *'], timezone: 'Europe/Berlin' }, text: '0 3 * * * (Europe/Berlin)' });
    assert.equal(toWhen({ cron: '@daily' }).text, '@daily (UTC)');
  });

  it('is every so often', () => {
    assert.deepEqual(toWhen({ every: toEveryMs('90m') }), { spec: { intervals: [{ every: 5_400_000 }] }, text: 'every 90 minutes' });
    assert.equal(toWhen({ every: toEveryMs('24h') }).text, 'every day');
    assert.equal(toWhen({ every: toEveryMs('6 h') }).text, 'every 6 hours');
  });

  it('is every five minutes for uploads', () => {
    assert.deepEqual(toWhen({ onUpload: true }), { spec: { intervals: [{ every: 300_000 }] }, text: 'on uploads' });
  });

  it('is said in one way', () => {
    for (const options of [{}, { cron: '@daily', every: 60_000 }, { cron: '@daily', onUpload: true as const }]) {
      assert.throws(() => toWhen(options), (error) => isFailure(error, 'input-invalid') && /in one way/.test(error.message));
    }
    assert.throws(() => toWhen({ every: 60_000, timeZone: 'UTC' }), (error) => isFailure(error, 'input-invalid'));
  });

  for (const bad of ['', '5', 'm', '0m', '-1h', '1.5h', '5s', '1w', 'soon']) {
    it(`is not every "${bad}"`, () => {
      assert.throws(() => toEveryMs(bad), InvalidArgumentError);
    });
  }

  it('is in a time zone that there is', () => {
    assert.equal(toTimeZone('America/New_York'), 'America/New_York');
    assert.throws(() => toTimeZone('Mars/Olympus'), InvalidArgumentError);
  });
});
