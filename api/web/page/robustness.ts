import type { ModelAnswer } from '../../answers.ts';
import { element } from './dom.ts';
import { capital, toPercent, toWhole } from './words.ts';

type Robustness = NonNullable<ModelAnswer['card']['robustness']>;
type Disturbance = Robustness['disturbances'][number];

/** As the page calls them, and what they do to a face; from mild to strong where there are three words. */
const DISTURBANCES: Readonly<Record<Disturbance['name'], readonly [name: string, note: string]>> = {
  'low-light': ['Little light', 'and its noise'],
  gamma: ['Brightness', 'too dark or too bright'],
  'motion-blur': ['Motion blur', 'moved while it was taken'],
  noise: ['Noise', 'as of a cheap sensor'],
  jpeg: ['Compression', 'JPEG of low quality'],
  tilt: ['Tilted head', 'by 10, 20, 30 degrees'],
  glasses: ['Glasses', 'rims, tinted, dark'],
  hand: ['Hand', 'before the mouth'],
};

const STRENGTHS = Object.keys({ mild: 0, medium: 0, strong: 0 } satisfies Record<Exclude<keyof Disturbance, 'name'>, 0>) as Exclude<keyof Disturbance, 'name'>[];

/** Tables of accuracies, each with a bar: of faces in worse pictures, and of small faces. Nothing for a version that was not tried so. */
export function toRobustness(robustness: Robustness | null): HTMLElement[] {
  if (robustness === null) return [];
  const { images, accuracy, disturbances, smallFaces } = robustness;
  const worse = disturbances.map(({ name, ...shares }) => toRow(...DISTURBANCES[name], STRENGTHS.map((strength) => shares[strength])));
  const small = smallFaces.map(({ side, accuracy: share }) => toRow(`${side} pixels`, '', [share]));
  const lead = `Accuracy on ${toWhole(images)} of the test pictures when they are made worse. As they are, ${toPercent(accuracy)} are answered rightly.`;
  return [
    element('h3', { textContent: 'When pictures are bad' }),
    element('p', { textContent: lead }),
    toTable('What is wrong with them, and how badly', ['Made worse by', ...STRENGTHS.map(capital)], worse),
    toTable('Faces that are far away', ['Height', 'Accuracy'], small),
  ];
}

function toTable(caption: string, columns: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const heads = columns.map((textContent) => element('th', { scope: 'col', textContent }));
  return element('table', {}, element('caption', { textContent: caption }), element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows));
}

function toRow(name: string, note: string, shares: readonly number[]): HTMLElement {
  const head = element('th', { scope: 'row' }, name, ...(note === '' ? [] : [element('small', { textContent: note })]));
  return element('tr', {}, head, ...shares.map(toCell));
}

function toCell(share: number): HTMLElement {
  const cell = element('td', {}, toPercent(share, 0), element('span', { className: 'share', ariaHidden: 'true' }));
  cell.style.setProperty('--share', String(share));
  return cell;
}
