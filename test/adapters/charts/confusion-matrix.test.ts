import assert from 'node:assert/strict';
import sharp from 'sharp';
import { drawConfusionMatrix } from '../../../adapters/charts/confusion-matrix.ts';
import { EMOTIONS } from '../../../domain/emotion.ts';
import { evaluate } from '../../../domain/evaluation.ts';

describe('the confusion matrix', () => {
  const answers = [
    ...Array.from({ length: 37 }, () => ({ truth: 'happy' as const, answer: 'happy' as const })),
    ...Array.from({ length: 13 }, () => ({ truth: 'happy' as const, answer: 'fearful' as const })),
  ];

  it('is a picture that stands alone, with labels, shares and counts', async () => {
    const svg = drawConfusionMatrix(evaluate(answers));
    assert.doesNotMatch(svg, /<script|<link|<image|@import/);
    for (const label of EMOTIONS) assert.ok(svg.includes(`>${label}<`), label);
    for (const text of ['74 %', '26 %', '>37<', '>13<']) assert.ok(svg.includes(text), text);
    assert.equal((await sharp(Buffer.from(svg)).metadata()).width, 560);
  });

  it('can be drawn of no answers at all', () => {
    assert.match(drawConfusionMatrix(evaluate([])), /^<svg/);
  });
});
