import assert from 'node:assert/strict';
import { parseExclusions } from '../../domain/exclusions.ts';
import { isFailure } from '../../domain/failure.ts';

describe('a list of images to exclude', () => {
  it('is read line by line, whatever else people write in it, each name once and in order', () => {
    const text = '# Probably wrong.\r\nsad/2.png\trather happy, 93.0 %\r\n\n  happy/with a space.png  \nsad/2.png\n';
    assert.deepEqual(parseExclusions(text), ['happy/with a space.png', 'sad/2.png']);
  });

  it('is refused when it names nothing, or what is no raw image', () => {
    for (const text of ['', '# nothing\n', 'happy/1.png\n2.png']) assert.throws(() => parseExclusions(text), (error) => isFailure(error, 'input-invalid'));
  });
});
