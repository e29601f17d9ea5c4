import type { PredictionAnswer } from '../../answers.ts';
import { createBars } from './bars.ts';
import { element, find, say } from './dom.ts';
import { hideFaces, showFaces } from './faces.ts';
import type { Picture } from './faces.ts';
import type { Refusal } from './refusal.ts';
import { capital, toNumberOf, toPercent, toTally, UNCERTAIN } from './words.ts';

/** What the page says of one picture: nothing yet, that it looks, the answer, or why there is none. */

const reading = find('reading', HTMLElement);
const kicker = find('kicker', HTMLElement);
const answerText = find('answer', HTMLElement);
const tally = find('tally', HTMLElement);
const problem = find('problem', HTMLElement);
const answered = find('answered', HTMLElement);
const seen = find('seen', HTMLElement);
const bars = createBars(find('bars', HTMLDListElement));

const INVITATION = 'Each bar is the probability of one expression; together they make 100 %.';

export function showIdle(text = 'No picture yet'): void {
  setState('idle', 'Reading', text);
  hideFaces();
  bars.clear();
  answered.textContent = INVITATION;
}

export function showLooking(): void {
  setState('busy', 'Reading', 'Looking …');
  hideFaces();
}

/** `showsSquare`: whether there is a picture of the square that is looked at where there is no face. */
export function showAnswer(answer: PredictionAnswer, picture: Picture | null, { showsSquare }: { readonly showsSquare: boolean }): void {
  const { emotion, confidence, probabilities, source, faces, counts, uncertainFaces, leftOut, image, model } = answer;
  const isWhole = source === 'whole-image';
  const sureness = confidence === null ? '' : `${toPercent(confidence)} sure${emotion === UNCERTAIN ? ' at most' : ''}`;
  setState('done', isWhole ? sureness : toNumberOf(faces.length, 'face'), emotion === null ? 'Nobody' : capital(emotion));
  tally.hidden = false;
  tally.textContent = isWhole ? 'No face was found, so the whole picture was read.' : toTally(counts, { [UNCERTAIN]: uncertainFaces, 'left out: staff': leftOut });
  seen.hidden = !isWhole || !showsSquare;
  showFaces(answer, picture);
  if (probabilities === null) bars.clear();
  else bars.show(probabilities, emotion);
  answered.textContent = `${image.width} × ${image.height} pixels, answered by ${model.name} version ${model.version}.`;
}

export function showRefusal(refusal: Refusal): void {
  setState('failed', 'Reading', 'No answer');
  hideFaces();
  bars.clear();
  problem.replaceChildren(...toWords(refusal));
  problem.hidden = false;
  answered.textContent = '';
}

/** The id is for whoever runs the API: it leads to the cause in the log. */
export function toWords({ message, requestId, status }: Refusal): (Node | string)[] {
  return requestId !== null && status >= 500 ? [message, element('small', { textContent: `Request ${requestId}` })] : [message];
}

function setState(state: 'idle' | 'busy' | 'done' | 'failed', title: string, text: string): void {
  reading.dataset['state'] = state;
  say(kicker, title);
  say(answerText, text);
  for (const part of [problem, tally, seen]) part.hidden = true;
}
