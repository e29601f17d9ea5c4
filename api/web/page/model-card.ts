import type { ModelAnswer } from '../../answers.ts';
import { element, find } from './dom.ts';
import { Refusal } from './refusal.ts';
import { hasKey, onKeyChange, request } from './request.ts';
import { toRobustness } from './robustness.ts';
import { EMOTIONS, toPercent, toWhole } from './words.ts';

type Manifest = ModelAnswer['manifest'];
type Card = ModelAnswer['card'];
type PictureName = keyof ModelAnswer['pictures'];

const LOOK_AGAIN_MS = 5_000;

const CAPTIONS: Readonly<Record<PictureName, string>> = {
  confusion: 'Which expressions it takes for which',
  reliability: 'How often it is right, by how sure it is',
  curves: 'How its training went, epoch by epoch',
};

const missing = find('missing', HTMLElement);
const cardPart = find('card', HTMLElement);

/**
 * Shows the card of the model that is served, or waits until one is.
 *
 * @returns shows it anew when this version is not the one on show
 */
export function startShowingTheModel(): (version: number) => void {
  let shown: number | null = null;
  let lookingAgain: ReturnType<typeof setTimeout> | undefined;
  onKeyChange(() => void show());
  void show();
  return (version) => {
    if (version !== shown) void show();
  };

  async function show(): Promise<void> {
    clearTimeout(lookingAgain);
    try {
      const model = (await (await request('/model')).json()) as ModelAnswer;
      shown = model.manifest.version;
      await fill(model);
      missing.hidden = true;
      cardPart.hidden = false;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // A key is something to wait for, not to ask again for.
      const wantsKey = error.status === 401;
      missing.hidden = wantsKey;
      cardPart.hidden = true;
      if (!wantsKey) lookingAgain = setTimeout(() => void show(), LOOK_AGAIN_MS);
    }
  }
}

async function fill({ manifest, card, pictures }: ModelAnswer): Promise<void> {
  find('facts', HTMLElement).replaceChildren(...toFacts(manifest, card));
  find('classes', HTMLElement).replaceChildren(...EMOTIONS.map((emotion) => toRow(emotion, card)));
  find('robustness', HTMLElement).replaceChildren(...toRobustness(card.robustness));
  for (const name of Object.keys(CAPTIONS) as PictureName[]) {
    find(name, HTMLElement).replaceChildren(...(await toFigure(pictures[name], manifest.version, CAPTIONS[name])));
  }
}

function toFacts(manifest: Manifest, card: Card): HTMLElement[] {
  const { accuracyInterval, samples } = card.evaluation;
  const { train, validation } = card.data.counts;
  const learned = EMOTIONS.reduce((total, emotion) => total + train[emotion] + validation[emotion], 0);
  const range = `${toPercent(accuracyInterval.lower)} to ${toPercent(accuracyInterval.upper)}, on ${toWhole(samples)} pictures`;
  const registered = new Date(manifest.registeredAt).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  // A run that took over an earlier one's network did not train it.
  const { gitSha: trainedBy } = card.training.spec;
  const origin = trainedBy === manifest.gitSha ? registered : `${registered}, trained by ${trainedBy.slice(0, 7)}`;
  return [
    toFact('Accuracy', toPercent(manifest.accuracy), range),
    ...toConfidenceFacts(card),
    toFact('Version', String(manifest.version), manifest.name),
    toFact('Learned from', toWhole(learned), 'pictures'),
    toFact('Parameters', toWhole(card.training.parameters), `best after ${card.training.bestEpoch} of ${card.training.epochs} epochs`),
    toFact('Made by commit', manifest.gitSha.slice(0, 7), origin),
  ];
}

/**
 * How far its confidence can be believed (the expected calibration error), and how often it names an expression instead of saying that it
 * is uncertain, and is right then.
 */
function toConfidenceFacts({ evaluation, confidence }: Card): HTMLElement[] {
  if (confidence === null) return [];
  const { calibrationError, errorByChance, named: { images, right, uncertainBelow } } = confidence;
  const when = uncertainBelow === 0 ? 'of the time: it is never uncertain' : `of the time, and ${toPercent(right / images)} of those rightly; uncertain below ${toPercent(uncertainBelow)}`;
  return [
    ...(images === 0 ? [] : [toFact('Names one', toPercent(images / evaluation.samples), when)]),
    toFact('Confidence is off by', toPercent(calibrationError), `on average (ECE); ${toPercent(errorByChance)} would be by chance`),
  ];
}

function toFact(name: string, value: string, note: string): HTMLElement {
  const small = element('small', { textContent: note });
  return element('div', {}, element('dt', { textContent: name }), element('dd', {}, value, small));
}

function toRow(emotion: (typeof EMOTIONS)[number], { evaluation }: Card): HTMLElement {
  const { recall, precision, samples } = evaluation.perClass[emotion];
  const cells = [toPercent(recall), toPercent(precision), toWhole(samples)].map((textContent) => element('td', { textContent }));
  const row = element('tr', {}, element('th', { scope: 'row', textContent: emotion }), ...cells);
  row.dataset['emotion'] = emotion;
  return row;
}

/** The version in the address keeps a browser from showing an older model's picture. */
async function toFigure(path: string | null, version: number, caption: string): Promise<HTMLElement[]> {
  if (path === null) return [];
  const image = element('img', { src: await toSource(`${path}?version=${version}`), alt: caption, loading: 'lazy' });
  return [element('figure', {}, image, element('figcaption', { textContent: caption }))];
}

/** A browser sends no key for an image by itself. */
async function toSource(address: string): Promise<string> {
  return hasKey() ? URL.createObjectURL(await (await request(address)).blob()) : address;
}
