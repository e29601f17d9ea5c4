import type { MoodAnswer } from '../../venue-answers.ts';
import { element, shape } from './dom.ts';
import { EMOTIONS, toNumberOf, toPercent, UNCERTAIN } from './words.ts';

type Minute = MoodAnswer['series'][number];
type Reading = NonNullable<Minute['reading']>;

/** Of the drawing, in units of its own: it is stretched to the width that there is. */
const HEIGHT = 100;
const STEP = 10;
const GAP = 2;

/** A column for each minute, stacked by the shares of the emotions, what is uncertain on top; a line on the ground where nothing is said. */
export function toChart(series: readonly Minute[]): SVGSVGElement {
  const told = series.filter(({ reading }) => reading !== null).length;
  const label = `The last ${toNumberOf(series.length, 'minute')}: a column for each of the ${told} in which enough faces were seen.`;
  const attributes = { viewBox: `0 0 ${series.length * STEP} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label };
  return shape('svg', attributes, ...series.map(toColumn));
}

function toColumn(minute: Minute, index: number): SVGGElement {
  const x = index * STEP + GAP / 2;
  const width = STEP - GAP;
  const { reading } = minute;
  const title = shape('title', {}, toSentence(minute));
  if (reading === null) return shape('g', { class: 'untold' }, title, shape('rect', { x, y: HEIGHT - 1.5, width, height: 1.5 }));
  let top = HEIGHT;
  const parts = toShares(reading).map(([word, share]) => {
    const height = share * HEIGHT;
    top -= height;
    const part = shape('rect', { x, y: top, width, height });
    part.dataset['emotion'] = word;
    return part;
  });
  return shape('g', {}, title, ...parts);
}

/** The same in words and numbers, for those minutes of which anything is said; the latest first. */
export function toRows(series: readonly Minute[]): HTMLTableRowElement[] {
  return series.toReversed().flatMap(({ at, reading }) => {
    if (reading === null) return [];
    const cells = [String(reading.faces), ...toShares(reading).map(([, share]) => toPercent(share, 0))];
    return [element('tr', {}, element('th', { scope: 'row', textContent: toClock(at) }), ...cells.map((textContent) => element('td', { textContent })))];
  });
}

function toSentence({ at, reading }: Minute): string {
  if (reading === null) return `${toClock(at)}: too few faces`;
  const shares = toShares(reading)
    .filter(([, share]) => share > 0)
    .map(([word, share]) => `${toPercent(share, 0)} ${word}`);
  return `${toClock(at)}: ${toNumberOf(reading.faces, 'face')}, ${shares.join(', ')}`;
}

/** In the order of the emotions, and what is left over: faces for which none is named. */
function toShares({ shares }: Reading): (readonly [string, number])[] {
  const named = EMOTIONS.map((emotion) => [emotion, shares[emotion]] as const);
  const left = 1 - named.reduce((sum, [, share]) => sum + share, 0);
  // Sums of shares are off by their last digits.
  return [...named, [UNCERTAIN, left < 1e-9 ? 0 : left]];
}

function toClock(at: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
