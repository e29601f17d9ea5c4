import assert from 'node:assert/strict';
import type { LabelledAnswer } from '../../domain/mistakes.ts';
import { toSuspects } from '../../domain/suspects.ts';

const answer = (digest: string, label: LabelledAnswer['label'], happy: number, sad: number, angry = 0): LabelledAnswer => ({
  digest, label, probabilities: { happy, sad, angry, fearful: 1 - happy - sad - angry },
});

describe('suspects', () => {
  it('are images of which a network is as sure to be something else as of what carries that label, the surest first', () => {
    const answers = [
      answer('a', 'happy', 0.8, 0.1),
      answer('b', 'happy', 0.9, 0.1),
      answer('c', 'happy', 0.05, 0.95),
      answer('d', 'sad', 0.1, 0.9),
      answer('e', 'sad', 0.2, 0.8),
      answer('f', 'sad', 0.85, 0.1),
      // Rather happy, but not as much as what is called happy.
      answer('g', 'sad', 0.5, 0.4),
    ];
    assert.deepEqual(toSuspects(answers).map(({ digest, label, likelier }) => [digest, label, likelier]), [['c', 'happy', 'sad'], ['f', 'sad', 'happy']]);
    assert.deepEqual(toSuspects(answers)[0], { digest: 'c', label: 'happy', likelier: 'sad', confidence: 0.95, labelConfidence: 0.05 });
  });

  it('need less for a label of which a network is never sure', () => {
    const shy = [answer('a', 'angry', 0.3, 0.1, 0.4), answer('b', 'angry', 0.3, 0.2, 0.36), answer('c', 'sad', 0.3, 0.2, 0.39), answer('d', 'sad', 0, 0.9)];
    assert.deepEqual(toSuspects(shy).map(({ digest, likelier }) => [digest, likelier]), [['c', 'angry']]);
  });

  it('are none where nothing is asked, and never of a label without images', () => {
    assert.deepEqual(toSuspects([]), []);
    assert.deepEqual(toSuspects([answer('a', 'happy', 0.2, 0.8)]), []);
  });
});
