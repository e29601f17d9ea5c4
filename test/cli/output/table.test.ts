import assert from 'node:assert/strict';
import { toTable } from '../../../cli/output/table.ts';

describe('a table', () => {
  it('lines columns up under their headings, numbers to the right', () => {
    const table = toTable(['version', 'alias', 'accuracy'], [['1', '', '7.5 %'], ['12', 'latest', '100.0 %']]);
    assert.deepEqual(table.split('\n'), [
      'version  alias   accuracy',
      '───────  ──────  ────────',
      '      1             7.5 %',
      '     12  latest   100.0 %',
    ]);
  });

  it('takes differences for numbers, too', () => {
    assert.deepEqual(toTable(['n'], [['+2.5'], ['−13.0'], ['±0.0']]).split('\n').slice(2), [' +2.5', '−13.0', ' ±0.0']);
  });

  it('has no blanks at the ends of lines', () => {
    for (const line of toTable(['a', 'b'], [['text', ''], ['x', 'y']]).split('\n')) assert.equal(line, line.trimEnd());
  });

  it('leans a column to the left as soon as one cell is no number', () => {
    assert.deepEqual(toTable(['n'], [['1'], ['two'], ['333']]).split('\n').slice(2), ['1', 'two', '333']);
  });

  it('has headings alone when there are no rows', () => {
    assert.deepEqual(toTable(['one', 'two'], []).split('\n'), ['one  two', '───  ───']);
  });
});
