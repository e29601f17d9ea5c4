import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toConfidence, toDelta } from '../../../cli/report/figures.ts';

describe('figures of a report', () => {
  it('say which way they changed, in percentage points', () => {
    assert.deepEqual([0.021, -0.013, 0, -0.0001].map(toDelta), ['▲ 2.1', '▼ 1.3', '± 0.0', '± 0.0']);
  });

  it('say how sure they are', () => {
    assert.equal(toConfidence({ lower: 0.773, upper: 0.886 }), '95 % confidence: 77.3 % to 88.6 %');
  });
});
