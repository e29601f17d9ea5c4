import assert from 'node:assert/strict';
import { InvalidArgumentError } from 'commander';
import { toCron } from '../../../cli/schedules/cron.ts';

describe('a cron expression', () => {
  for (const good of ['0 3 * * *', '*/15 8-18 * * mon-fri', '0,30 0 1 JAN,jul 0', '5-55/10 * * * 7', '@daily', '59 23 31 12 6']) {
    it(`may be ${good}`, () => {
      assert.equal(toCron(good), good);
    });
  }

  it('may have more room between its fields', () => {
    assert.equal(toCron('  0  3 * *\t* '), '0 3 * * *');
  });

  const BAD: Readonly<Record<string, RegExp>> = {
    '': /five fields/,
    'every day': /five fields/,
    '0 3 * *': /five fields/,
    '0 3 * * * *': /five fields/,
    '@reboot': /five fields/,
    '60 3 * * *': /"60" is no minute: a number from 0 to 59/,
    '0 24 * * *': /"24" is no hour/,
    '0 3 0 * *': /"0" is no day of the month/,
    '0 3 * 13 *': /"13" is no month/,
    '0 3 * * 8': /"8" is no day of the week/,
    '0 3 * * monday': /"monday" is no day of the week/,
    '*/0 * * * *': /"\*\/0" is no minute/,
    '30-10 * * * *': /"30-10" is no minute/,
    '1,,2 * * * *': /"" is no minute/,
    '1-2-3 * * * *': /"1-2-3" is no minute/,
    '1.5 * * * *': /"1.5" is no minute/,
    '-1 * * * *': /"-1" is no minute/,
  };
  for (const [bad, message] of Object.entries(BAD)) {
    it(`is not "${bad}"`, () => {
      assert.throws(() => toCron(bad), (error) => error instanceof InvalidArgumentError && message.test(error.message));
    });
  }
});
