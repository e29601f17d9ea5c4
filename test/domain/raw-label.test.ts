import assert from 'node:assert/strict';
import { toRawLabel } from '../../domain/raw-label.ts';

describe('the label of a raw blob', () => {
  it('is the folder that it lies in, however deep', () => {
    assert.equal(toRawLabel('happy/a.png'), 'happy');
    assert.equal(toRawLabel('fearful/deep/er/ä b.jpg'), 'fearful');
  });

  it('is none outside the label folders, and of litter', () => {
    for (const name of ['happy', 'happy/', 'Happy/a.png', 'disgust/a.png', 'readme.txt', 'happy/.DS_Store', 'happy/Thumbs.db', '']) {
      assert.equal(toRawLabel(name), null, name);
    }
  });
});
