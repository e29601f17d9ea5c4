import assert from 'node:assert/strict';
import type { StepReading } from '../../domain/mood-rule.ts';
import { findOccurrence } from '../../domain/mood-rule.ts';

const RULE = { emotion: 'angry', shareAbove: 0.3 } as const;
const toStep = (angry: number, faces = 10): StepReading => ({ faces, shares: { happy: 1 - angry, sad: 0, angry, fearful: 0 } });
const [LOUD, CALM, SILENT] = [toStep(0.4), toStep(0.2), null];

describe('a rule of a mood', () => {
  it('is true when the share is above in every step, and says the share of all faces', () => {
    assert.deepEqual(findOccurrence(RULE, [toStep(0.5, 10), toStep(0.8, 30)]), { faces: 40, share: (5 + 24) / 40 });
    assert.deepEqual(findOccurrence(RULE, [LOUD]), { faces: 10, share: 0.4 });
  });

  it('is not true when one step is calm, wherever, or just as high as the rule says', () => {
    for (const steps of [[CALM, LOUD, LOUD], [LOUD, CALM, LOUD], [LOUD, LOUD, CALM], [LOUD, toStep(0.3), LOUD]]) assert.equal(findOccurrence(RULE, steps), null);
  });

  it('is not true by a loud moment that lifts the mean', () => {
    assert.equal(findOccurrence(RULE, [CALM, CALM, toStep(1, 1000)]), null);
  });

  it('bears a silent step between two others, but no two, and no silence alone', () => {
    for (const steps of [[LOUD, SILENT, LOUD], [SILENT, LOUD, SILENT, LOUD, SILENT]]) assert.ok(findOccurrence(RULE, steps) !== null);
    for (const steps of [[SILENT, SILENT, LOUD], [LOUD, SILENT, SILENT, LOUD], [LOUD, SILENT, SILENT], [SILENT], []]) assert.equal(findOccurrence(RULE, steps), null);
  });

  it('looks at its own emotion alone', () => {
    assert.equal(findOccurrence({ emotion: 'sad', shareAbove: 0 }, [LOUD, LOUD]), null);
  });
});
