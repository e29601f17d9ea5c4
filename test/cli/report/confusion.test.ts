import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toConfusion } from '../../../cli/report/confusion.ts';
import { toEvaluation } from '../../support/reported-runs.ts';

describe('the confusion in a report', () => {
  it('is a picture where there is one, at its address and no other', () => {
    assert.match(toConfusion(toEvaluation(1), 'https://a.example/c.png?sig=a&b="c"'), /<img src="https:\/\/a\.example\/c\.png\?sig=a&amp;b=&quot;c&quot;" alt=/);
  });

  it('is a table with shades otherwise: rows are the truth', () => {
    const text = toConfusion(toEvaluation(3), null);
    assert.match(text, /\| \*\*happy\*\* \| ▓▓ \*\*70 %\*\* <sub>7<\/sub> \| ▒▒ 30 % <sub>3<\/sub> \| 0 % <sub>0<\/sub> \| 0 % <sub>0<\/sub> \|/);
    assert.match(text, /\| \*\*fearful\*\* \| ▒▒ 30 % <sub>3<\/sub> \|/);
  });
});
