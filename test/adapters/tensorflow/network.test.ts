import assert from 'node:assert/strict';
import { HIDDEN_LAYERS, toLayerShapes } from '../../../adapters/tensorflow/network.ts';
import { PARAMETERS, STATISTICS_SIZE, TRAINABLE_SIZE } from '../../../adapters/tensorflow/weights.ts';

describe('the network', () => {
  it('has six hidden layers, each with a name of its own and a reason', () => {
    assert.equal(HIDDEN_LAYERS.length, 6);
    assert.equal(new Set(HIDDEN_LAYERS.map(({ name }) => name)).size, 6);
    for (const { reason } of HIDDEN_LAYERS) assert.match(reason, /\.$/);
  });

  it('has fewer than a million parameters', () => {
    assert.equal(PARAMETERS, TRAINABLE_SIZE + STATISTICS_SIZE);
    assert.ok(PARAMETERS < 1_000_000, `${PARAMETERS}`);
  });

  it('halves the picture at every pooling, without a rest', () => {
    for (const { layer, inputSide, outputSide } of toLayerShapes()) {
      assert.equal(outputSide, layer.isPooled ? inputSide / 2 : inputSide);
      assert.ok(Number.isInteger(outputSide));
    }
  });
});
