import assert from 'node:assert/strict';
import { toDuration, toJson, toMinute } from '../../../cli/output/format.ts';

describe('what the command line prints', () => {
  for (const [ms, shown] of [[0, '0.0 s'], [1_250, '1.3 s'], [59_940, '59.9 s'], [59_960, '1 min 00 s'], [119_700, '2 min 00 s'], [3_725_000, '62 min 05 s']] as const) {
    it(`${ms} milliseconds are ${shown}`, () => {
      assert.equal(toDuration(ms), shown);
    });
  }

  it('times are minutes in UTC', () => {
    assert.equal(toMinute('2026-11-24T01:55:59.999Z'), '2026-11-24 01:55');
  });

  it('JSON can be read by people and by programs', () => {
    assert.equal(toJson({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}');
  });
});
