import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Emotion } from '../../domain/emotion.ts';
import { EMOTIONS } from '../../domain/emotion.ts';
import type { Answer } from '../../domain/evaluation.ts';
import { evaluate, evaluationSchema } from '../../domain/evaluation.ts';

const answers = fc.array(fc.record({ truth: fc.constantFrom(...EMOTIONS), answer: fc.constantFrom(...EMOTIONS) }));

describe('an evaluation', () => {
  /**
   * truth \ answer   happy  sad  angry  fearful
   * happy              3     1     0       0
   * sad                1     2     1       0
   * angry              0     1     1       0
   * fearful            0     0     0       0
   */
  const byHand = evaluate([
    ...repeat(3, 'happy', 'happy'),
    ...repeat(1, 'happy', 'sad'),
    ...repeat(1, 'sad', 'happy'),
    ...repeat(2, 'sad', 'sad'),
    ...repeat(1, 'sad', 'angry'),
    ...repeat(1, 'angry', 'sad'),
    ...repeat(1, 'angry', 'angry'),
  ]);

  it('counts answers by truth, then answer', () => {
    assert.deepEqual(byHand.confusion, [
      [3, 1, 0, 0],
      [1, 2, 1, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('has the accuracy of a case computed by hand, inside its interval', () => {
    assert.equal(byHand.samples, 10);
    assert.equal(byHand.accuracy, 0.6);
    assert.ok(byHand.accuracyInterval.lower < 0.6 && byHand.accuracyInterval.upper > 0.6);
  });

  it('has the precision, recall and F1 of a case computed by hand', () => {
    assert.deepEqual(byHand.perClass.happy, { precision: 0.75, recall: 0.75, f1: 0.75, samples: 4 });
    assert.deepEqual(byHand.perClass.sad, { precision: 0.5, recall: 0.5, f1: 0.5, samples: 4 });
    const { precision, recall, f1, samples } = byHand.perClass.angry;
    assert.deepEqual([precision, recall, f1, samples], [0.5, 0.5, 0.5, 2]);
  });

  it('keeps precision and recall apart', () => {
    const { happy, sad } = evaluate([...repeat(1, 'happy', 'happy'), ...repeat(3, 'sad', 'happy')]).perClass;
    assert.equal(happy.precision, 0.25);
    assert.equal(happy.recall, 1);
    assert.ok(Math.abs(happy.f1 - 0.4) < 1e-12);
    assert.deepEqual(sad, { precision: 0, recall: 0, f1: 0, samples: 3 });
  });

  it('gives a label that nothing has and nothing got zeros, not NaN', () => {
    assert.deepEqual(byHand.perClass.fearful, { precision: 0, recall: 0, f1: 0, samples: 0 });
  });

  it('of no answers says that it knows nothing', () => {
    const empty = evaluate([]);
    assert.equal(empty.samples, 0);
    assert.equal(empty.accuracy, 0);
    assert.deepEqual(empty.accuracyInterval, { lower: 0, upper: 1 });
  });

  it('does not depend on the order of the answers', () => {
    fc.assert(fc.property(answers, (given) => {
      assert.deepEqual(evaluate(given.toReversed()), evaluate(given));
    }));
  });

  it('always fits its schema and accounts for every answer', () => {
    fc.assert(fc.property(answers, (given) => {
      const evaluation = evaluationSchema.parse(evaluate(given));
      assert.equal(evaluation.confusion.flat().reduce((sum, count) => sum + count, 0), given.length);
      assert.equal(EMOTIONS.reduce((sum, emotion) => sum + evaluation.perClass[emotion].samples, 0), given.length);
    }));
  });
});

function repeat(times: number, truth: Emotion, answer: Emotion): Answer[] {
  return Array.from({ length: times }, () => ({ truth, answer }));
}
