import assert from 'node:assert/strict';
import { shareFaceDetector } from '../../../adapters/onnx/shared-face-detector.ts';
import type { FaceDetector } from '../../../domain/face.ts';

describe('a shared face detector', () => {
  it('is loaded by the first, lent to all who work at the same time, closed by the last, and loaded anew', async () => {
    const events: string[] = [];
    let loads = 0;
    const lend = shareFaceDetector(async () => {
      const number = (loads += 1);
      events.push(`load ${number}`);
      return toDetector(async () => { events.push(`close ${number}`); });
    });
    const second = Promise.withResolvers<void>();
    let lent: FaceDetector | null = null;
    const long = lend(async (detector) => {
      lent = detector;
      await second.promise;
    });
    await lend(async (detector) => { assert.equal(detector, lent); });
    assert.deepEqual(events, ['load 1']);
    second.resolve();
    await long;
    assert.deepEqual(events, ['load 1', 'close 1']);
    assert.equal(await lend(async () => 'done'), 'done');
    assert.deepEqual(events, ['load 1', 'close 1', 'load 2', 'close 2']);
  });

  it('is closed after work that fails, and tried again after it could not be loaded', async () => {
    let closed = 0;
    let broken = true;
    const lend = shareFaceDetector(async () => {
      if (broken) throw new Error('no weights');
      return toDetector(async () => { closed += 1; });
    });
    await assert.rejects(lend(async () => 'never'), /no weights/);
    broken = false;
    await assert.rejects(lend(async () => { throw new Error('bad image'); }), /bad image/);
    assert.equal(closed, 1);
  });
});

function toDetector(close: () => Promise<void>): FaceDetector {
  return { largestSide: 512, detect: async () => [], close };
}
