import type { PerEmotion } from '../../../domain/emotion.ts';
import type { Verdict } from '../../../domain/prediction.ts';
import { element } from './dom.ts';
import { EMOTIONS, toPercent } from './words.ts';

export interface Bars {
  /** A share for each emotion, 0 to 1; the one that is named stands out. */
  show(shares: PerEmotion, verdict: Verdict | null): void;
  clear(): void;
}

/** Fills a description list with a bar for each emotion, empty at first. */
export function createBars(list: HTMLDListElement): Bars {
  const bars = EMOTIONS.map((emotion) => {
    const number = element('dd', { textContent: '–' });
    const fill = element('span', { className: 'fill' });
    const row = element('div', { className: 'bar' }, element('dt', { textContent: emotion }), number, element('dd', { className: 'track', ariaHidden: 'true' }, fill));
    row.dataset['emotion'] = emotion;
    return { emotion, row, number, fill };
  });
  list.replaceChildren(...bars.map(({ row }) => row));

  return {
    show(shares, verdict) {
      for (const { emotion, row, number, fill } of bars) {
        number.textContent = toPercent(shares[emotion]);
        fill.style.setProperty('--share', String(shares[emotion]));
        row.classList.toggle('likeliest', emotion === verdict);
      }
    },
    clear() {
      for (const { row, number, fill } of bars) {
        number.textContent = '–';
        fill.style.removeProperty('--share');
        row.classList.remove('likeliest');
      }
    },
  };
}
