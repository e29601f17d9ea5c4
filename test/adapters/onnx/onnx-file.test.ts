import assert from 'node:assert/strict';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { toBytes, toFloats, toIntegers, toNode, toOnnxFile } from '../../../adapters/onnx/onnx-file.ts';

describe('an ONNX file', () => {
  it('is read and computed by ONNX Runtime: constants of each kind, attributes of each kind, a size that each run chooses', async () => {
    const file = toOnnxFile({
      inputs: [{ name: 'x', type: 'uint8', dims: ['N', 2] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['N', 2] }],
      constants: [toFloats('half', [], Float32Array.of(0.5)), toBytes('three', [1], Uint8Array.of(3)), toIntegers('shape', [-1, 2])],
      nodes: [
        toNode('Cast', ['x'], 'number', { to: 1 }),
        toNode('Cast', ['three'], 'threeNumber', { to: 1 }),
        toNode('Mul', ['number', 'half'], 'halved'),
        toNode('Add', ['halved', 'threeNumber'], 'sum'),
        toNode('Transpose', ['sum'], 'turned', { perm: [0, 1] }),
        toNode('Reshape', ['turned', 'shape'], 'y'),
      ],
    });
    const session = await InferenceSession.create(file);
    for (const pixels of [[2, 255], [1, 2, 3, 4]]) {
      const { y } = await session.run({ x: new Tensor('uint8', Uint8Array.from(pixels), [pixels.length / 2, 2]) });
      assert.deepEqual([...(y!.data as Float32Array)], pixels.map((pixel) => pixel / 2 + 3));
    }
    await session.release();
  });

  it('knows texts as attributes', async () => {
    const file = toOnnxFile({
      inputs: [{ name: 'x', type: 'float32', dims: [1, 1, 3, 3] }],
      outputs: [{ name: 'y', type: 'float32', dims: [1, 1, 'rows', 'columns'] }],
      constants: [toFloats('kernel', [1, 1, 3, 3], new Float32Array(9).fill(1))],
      nodes: [toNode('Conv', ['x', 'kernel'], 'y', { auto_pad: 'SAME_UPPER', strides: [2, 2] })],
    });
    const session = await InferenceSession.create(file);
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(9).fill(1), [1, 1, 3, 3]) });
    assert.deepEqual(y!.dims, [1, 1, 2, 2]);
    assert.deepEqual([...(y!.data as Float32Array)], [4, 4, 4, 4]);
    await session.release();
  });
});
