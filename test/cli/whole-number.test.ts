import assert from 'node:assert/strict';
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../../cli/whole-number.ts';

describe('an option that is a whole number', () => {
  it('is read', () => {
    assert.equal(wholeNumber(0)('0'), 0);
    assert.equal(wholeNumber(1, 16)('16'), 16);
  });

  for (const text of ['', ' ', 'x', '1.5', '-1', '17', '1e400', 'NaN']) {
    it(`is refused as ${JSON.stringify(text)}, with what would do`, () => {
      assert.throws(() => wholeNumber(1, 16)(text), (error) => error instanceof InvalidArgumentError && /from 1 to 16/.test(error.message));
    });
  }
});
