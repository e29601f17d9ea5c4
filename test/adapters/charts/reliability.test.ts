import assert from 'node:assert/strict';
import sharp from 'sharp';
import { drawReliability } from '../../../adapters/charts/reliability.ts';
import { measureConfidence } from '../../../domain/confidence.ts';

describe('the reliability diagram', () => {
  const answers = Array.from({ length: 60 }, (_, index) => ({ confidence: 0.3 + index / 100, isRight: index % 3 !== 0 }));

  it('is a picture that stands alone, and says how far confidence is off and from where on an expression is named', async () => {
    const confidence = measureConfidence(answers, { uncertainBelow: 0.6 });
    const svg = drawReliability(confidence);
    assert.doesNotMatch(svg, /<script|<link|<image|@import/);
    assert.ok(svg.includes(`Confidence is off by ${(confidence.calibrationError * 100).toFixed(1)} % on average`));
    assert.match(svg, /named from here on/);
    assert.equal((await sharp(Buffer.from(svg)).metadata()).width, 560);
  });

  it('has no threshold where there is none, and can be drawn of no answers at all', () => {
    assert.doesNotMatch(drawReliability(measureConfidence(answers, { uncertainBelow: 0 })), /named from here on/);
    assert.match(drawReliability(measureConfidence([], { uncertainBelow: 0 })), /^<svg/);
  });
});
