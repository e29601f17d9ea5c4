import assert from 'node:assert/strict';
import sharp from 'sharp';
import { describe, it } from 'mocha';
import { drawConfusionMatrix } from '../../../adapters/charts/confusion-matrix.ts';
import { toPng } from '../../../adapters/vision/picture.ts';
import { toEvaluation } from '../../support/reported-runs.ts';

describe('a chart as PNG', () => {
  it('is twice as wide as its SVG, and not empty', async () => {
    const png = sharp(await toPng(drawConfusionMatrix(toEvaluation(1))));
    const { format, width, height } = await png.metadata();
    assert.deepEqual([format, width, height], ['png', 1120, 1040]);
    assert.ok((await png.stats()).entropy > 0.5);
  });
});
