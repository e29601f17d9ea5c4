import assert from 'node:assert/strict';
import { toMistakes } from '../../domain/mistakes.ts';

const likely = (happy: number) => ({ happy, sad: 1 - happy, angry: 0, fearful: 0 });

describe('mistakes', () => {
  it('are the wrong answers, the surest first', () => {
    const answers = [
      { digest: 'b', label: 'sad', probabilities: likely(0.6) },
      { digest: 'c', label: 'happy', probabilities: likely(0.99) },
      { digest: 'd', label: 'angry', probabilities: likely(0.9) },
      { digest: 'a', label: 'fearful', probabilities: likely(0.6) },
      { digest: 'e', label: 'happy', probabilities: likely(0.25) },
    ] as const;
    assert.deepEqual(toMistakes(answers), [
      { digest: 'd', label: 'angry', answer: 'happy', confidence: 0.9 },
      { digest: 'e', label: 'happy', answer: 'sad', confidence: 0.75 },
      { digest: 'a', label: 'fearful', answer: 'happy', confidence: 0.6 },
      { digest: 'b', label: 'sad', answer: 'happy', confidence: 0.6 },
    ]);
  });
});
