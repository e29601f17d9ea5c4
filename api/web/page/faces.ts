import type { PredictionAnswer } from '../../answers.ts';
import { element, find, shape } from './dom.ts';
import { capital, EMOTIONS, toPercent, UNCERTAIN } from './words.ts';

type Face = PredictionAnswer['faces'][number];
type Size = PredictionAnswer['image'];

/** What was asked about, as something to draw from, and how wide that is: not always as the API saw it. */
export interface Picture {
  readonly drawable: CanvasImageSource;
  readonly width: number;
}

const THUMBNAIL_SIDE = 96;

const boxes = find('boxes', SVGSVGElement);
const people = find('people', HTMLElement);
const list = find('faces', HTMLOListElement);

/** Frames the faces in the picture, and lists them under the numbers that their frames have; without thumbnails where there is nothing to draw from. */
export function showFaces({ faces, image }: Pick<PredictionAnswer, 'faces' | 'image'>, picture: Picture | null): void {
  people.hidden = faces.length === 0;
  boxes.setAttribute('viewBox', `0 0 ${image.width} ${image.height}`);
  boxes.replaceChildren(...faces.flatMap((face, index) => toFrame(face, index + 1, image)));
  list.replaceChildren(...faces.map((face, index) => toItem(face, index + 1, toThumbnail(face, image, picture))));
}

export function hideFaces(): void {
  people.hidden = true;
  boxes.replaceChildren();
  list.replaceChildren();
}

/** Lines and numbers are as thick and as large in a small picture as in a large one. */
function toFrame({ box, emotion }: Face, number: number, image: Size): SVGElement[] {
  const unit = Math.max(image.width, image.height) / 100;
  const size = Math.min(unit * 3, box.height / 2);
  // Above the frame, where it hides nothing of the face.
  const top = Math.max(0, box.y - size * 1.2);
  const width = size * (0.6 + 0.6 * String(number).length);
  const parts = [
    shape('rect', { ...box, rx: unit / 2, 'stroke-width': unit * 0.5 }),
    shape('rect', { class: 'badge', x: box.x, y: top, width, height: size * 1.2, rx: unit / 2 }),
    shape('text', { x: box.x + size * 0.3, y: top + size * 0.95, 'font-size': size }, String(number)),
  ];
  for (const part of parts) part.dataset['emotion'] = emotion;
  return parts;
}

function toItem({ emotion, confidence, probabilities, quality }: Face, number: number, thumbnail: HTMLCanvasElement): HTMLLIElement {
  const share = element('span', { className: 'share', ariaHidden: 'true' });
  for (const name of EMOTIONS) {
    const part = element('span');
    part.dataset['emotion'] = name;
    part.style.setProperty('flex-grow', String(probabilities[name]));
    share.append(part);
  }
  const words = element('p', {}, element('strong', { textContent: capital(emotion) }), emotion === UNCERTAIN ? '' : ` ${toPercent(confidence, 0)}`);
  const remark = quality.length === 0 ? [] : [element('small', { textContent: quality.join(', ') })];
  const item = element('li', {}, thumbnail, element('div', {}, words, share, ...remark));
  item.dataset['number'] = String(number);
  item.title = EMOTIONS.map((name) => `${name} ${toPercent(probabilities[name])}`).join(', ');
  return item;
}

function toThumbnail({ box }: Face, image: Size, picture: Picture | null): HTMLCanvasElement {
  const canvas = element('canvas', { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, ariaHidden: 'true' });
  if (picture === null) return canvas;
  const scale = picture.width / image.width;
  const side = Math.min(Math.max(box.width, box.height), image.width, image.height);
  const left = Math.min(Math.max(box.x + (box.width - side) / 2, 0), image.width - side);
  const top = Math.min(Math.max(box.y + (box.height - side) / 2, 0), image.height - side);
  canvas.getContext('2d')?.drawImage(picture.drawable, left * scale, top * scale, side * scale, side * scale, 0, 0, THUMBNAIL_SIDE, THUMBNAIL_SIDE);
  return canvas;
}
