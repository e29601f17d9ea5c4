import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toFacts } from '../../../cli/output/facts.ts';

const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 30 });

describe('facts', () => {
  it('stand beside each other under their names', () => {
    assert.equal(toFacts([['commit', '1a2b3c4'], ['gate', 'passed']]), '  commit  1a2b3c4\n  gate    passed');
  });

  it('go on below themselves where a line ends', () => {
    const [first, second, ...rest] = toFacts([['gate', 'word '.repeat(20).trim()]]).split('\n');
    assert.equal(first, `  gate  ${'word '.repeat(14).trim()}`);
    assert.equal(second, `        ${'word '.repeat(6).trim()}`);
    assert.deepEqual(rest, []);
  });

  it('fit into 80 columns and lose no word', () => {
    fc.assert(fc.property(words, (given) => {
      const lines = toFacts([['name', given.join(' ')]]).split('\n');
      for (const line of lines) assert.ok(line.length <= 80, line);
      assert.deepEqual(lines.join(' ').trim().split(/\s+/), ['name', ...given]);
    }));
  });
});
