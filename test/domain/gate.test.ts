import assert from 'node:assert/strict';
import { evaluate } from '../../domain/evaluation.ts';
import type { Evaluation } from '../../domain/evaluation.ts';
import { decideGate } from '../../domain/gate.ts';

describe('the gate', () => {
  it('turns a candidate away that there are no test images for', () => {
    const decision = decideGate({ candidate: toEvaluation(0, 0), champion: null, minimumAccuracy: 0 });
    assert.equal(decision.passed, false);
    assert.match(decision.reason, /no test images/);
  });

  it('turns a candidate away below the accuracy asked for, with both numbers', () => {
    const decision = decideGate({ candidate: toEvaluation(49, 100), champion: null, minimumAccuracy: 0.5 });
    assert.equal(decision.passed, false);
    assert.match(decision.reason, /49\.0 %.*50\.0 %/);
  });

  it('lets a candidate pass that just reaches it, when there is nothing to compare with', () => {
    const decision = decideGate({ candidate: toEvaluation(50, 100), champion: null, minimumAccuracy: 0.5 });
    assert.equal(decision.passed, true);
    assert.match(decision.reason, /50\.0 %.*no earlier model/);
  });

  it('asks for the accuracy also where the champion is worse', () => {
    const champion = { version: 3, evaluation: toEvaluation(10, 100), candidate: toEvaluation(40, 100) };
    assert.equal(decideGate({ candidate: toEvaluation(40, 100), champion, minimumAccuracy: 0.5 }).passed, false);
  });

  it('lets a candidate pass that is better than the champion', () => {
    const champion = { version: 3, evaluation: toEvaluation(60, 100), candidate: toEvaluation(70, 100) };
    const decision = decideGate({ candidate: toEvaluation(70, 100), champion, minimumAccuracy: 0.5 });
    assert.equal(decision.passed, true);
    assert.match(decision.reason, /70\.0 %.*version 3 has 60\.0 %/);
  });

  it('lets a candidate pass that is worse by less than chance explains', () => {
    // The interval of 60 in 100 begins at 50.2 %.
    const champion = { version: 3, evaluation: toEvaluation(60, 100), candidate: toEvaluation(51, 100) };
    assert.equal(decideGate({ candidate: toEvaluation(51, 100), champion, minimumAccuracy: 0.3 }).passed, true);
  });

  it('turns a candidate away that falls below the interval of the champion', () => {
    const champion = { version: 3, evaluation: toEvaluation(60, 100), candidate: toEvaluation(50, 100) };
    const decision = decideGate({ candidate: toEvaluation(50, 100), champion, minimumAccuracy: 0.3 });
    assert.equal(decision.passed, false);
    assert.match(decision.reason, /version 3.*50\.2 %/);
  });

  it('compares on the images that both have not seen, not on the whole test set', () => {
    const champion = { version: 3, evaluation: toEvaluation(60, 100), candidate: toEvaluation(40, 100) };
    assert.equal(decideGate({ candidate: toEvaluation(150, 200), champion, minimumAccuracy: 0.3 }).passed, false);
  });

  it('does not claim a comparison when there is no image that both have not seen', () => {
    const champion = { version: 3, evaluation: toEvaluation(0, 0), candidate: toEvaluation(0, 0) };
    const decision = decideGate({ candidate: toEvaluation(50, 100), champion, minimumAccuracy: 0.3 });
    assert.equal(decision.passed, true);
    assert.match(decision.reason, /50\.0 %.*can't be compared with version 3/);
  });
});

function toEvaluation(right: number, samples: number): Evaluation {
  return evaluate(Array.from({ length: samples }, (_, index) => ({ truth: 'happy', answer: index < right ? 'happy' : 'sad' }) as const));
}
