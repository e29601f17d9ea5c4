import assert from 'node:assert/strict';
import { toRobustnessTables } from '../../../cli/output/robustness-text.ts';

describe('robustness on the command line', () => {
  it('has a row for each disturbance with its strengths, and one for each size', () => {
    const text = toRobustnessTables({
      images: 200,
      accuracy: 0.7,
      disturbances: [{ name: 'noise', mild: 0.65, medium: 0.5, strong: 0.3 }],
      smallFaces: [{ side: 12, accuracy: 0.4 }],
    });
    assert.match(text, /^200 of the unseen images made worse; as they are, 70\.0 % are answered rightly/);
    assert.match(text, /noise +65\.0 % +50\.0 % +30\.0 %/);
    assert.match(text, /12 pixels +40\.0 %/);
  });
});
