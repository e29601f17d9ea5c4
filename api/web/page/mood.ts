import type { MoodAnswer, MoodEvent } from '../../venue-answers.ts';
import { createBars } from './bars.ts';
import { element, find, say } from './dom.ts';
import { follow } from './follow.ts';
import { toChart, toRows } from './mood-chart.ts';
import { toWords } from './reading.ts';
import { Refusal } from './refusal.ts';
import { repeat } from './repeat.ts';
import { onKeyChange, request } from './request.ts';
import { capital, toNumberOf } from './words.ts';

type Reading = NonNullable<MoodEvent['now']>;

const SERIES_PERIOD_MS = 60_000;
const RETRY_MS = 5_000;

const form = find('watch', HTMLFormElement);
const venue = find('venue', HTMLInputElement);
const button = find('watch-button', HTMLButtonElement);
const state = find('mood-state', HTMLElement);
const problem = find('mood-problem', HTMLElement);
const board = find('mood-board', HTMLElement);
const bars = createBars(find('mood-bars', HTMLDListElement));

/**
 * Lets a person watch the mood of a venue: what its cameras' faces show now, as it changes, and minute by minute in the last hour. The
 * address names the venue that is watched, so that a screen on the wall needs nobody to type it again.
 */
export function startWatchingMoods(): void {
  let watching: AbortController | null = null;

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (watching === null) watch();
    else stop();
  });
  venue.addEventListener('input', stop);
  onKeyChange(() => {
    if (watching !== null || !problem.hidden) watch();
  });
  const named = new URLSearchParams(location.search).get('venue');
  if (named !== null) {
    venue.value = named;
    watch();
  }

  function watch(): void {
    stop();
    const name = venue.value.trim();
    if (name === '') return;
    watching = new AbortController();
    button.textContent = 'Stop watching';
    history.replaceState(null, '', `?venue=${encodeURIComponent(name)}${location.hash}`);
    say(state, 'Connecting …');
    watchVenue(`/venues/${encodeURIComponent(name)}`, watching).catch((error: unknown) => {
      stop();
      if (!(error instanceof Refusal)) throw error;
      problem.replaceChildren(...toWords(error));
      problem.hidden = false;
    });
  }

  function stop(): void {
    watching?.abort();
    watching = null;
    button.textContent = 'Watch';
    say(state, '');
    problem.hidden = true;
    board.hidden = true;
  }
}

/** Settles when the controller is aborted; rejects with a Refusal when asking again can't help, having ended all of it. */
async function watchVenue(path: string, controller: AbortController): Promise<void> {
  const { signal } = controller;
  try {
    await Promise.all([
      follow(`${path}/mood/stream`, {
        onEvent: ({ name, data }) => {
          if (name !== 'mood') return;
          showNow(JSON.parse(data) as MoodEvent);
          say(state, 'Live');
        },
        onLost: () => say(state, 'The connection was lost; trying again …'),
        signal,
      }),
      repeat(() => showHour(`${path}/mood`, signal), { periodMs: () => SERIES_PERIOD_MS, signal }),
      showNotice(`${path}/notice`, signal),
    ]);
  } finally {
    controller.abort();
  }
}

/** Returns how long to wait at least before it is shown anew, in milliseconds. */
async function showHour(path: string, signal: AbortSignal): Promise<number> {
  try {
    const mood = (await (await request(path, { signal })).json()) as MoodAnswer;
    if (signal.aborted) return 0;
    showNow(mood);
    find('mood-chart', HTMLElement).replaceChildren(toChart(mood.series));
    const rows = toRows(mood.series);
    find('mood-rows', HTMLElement).replaceChildren(...rows);
    find('mood-table', HTMLElement).hidden = rows.length === 0;
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    // The stream says what is wrong, if it is something that lasts.
    if (error instanceof Refusal) return error.retryAfterMs ?? RETRY_MS;
    throw error;
  }
}

/** Leads to what people at the venue are told, where its operator has said it. */
async function showNotice(path: string, signal: AbortSignal): Promise<void> {
  const link = find('mood-notice', HTMLAnchorElement);
  link.href = path;
  link.hidden = true;
  const isThere = await request(path, { signal }).then(
    () => true,
    () => false,
  );
  if (!signal.aborted) link.hidden = !isThere;
}

function showNow({ venue: name, now, minimumFaces, cameras }: MoodEvent): void {
  board.hidden = false;
  say(find('mood-venue', HTMLElement), `${name}, the last minute`);
  say(find('mood-answer', HTMLElement), now === null ? 'Too few faces' : now.emotion === null ? 'Uncertain' : capital(now.emotion));
  say(find('mood-basis', HTMLElement), now === null ? toSilence(minimumFaces) : toBasis(now));
  board.dataset['state'] = now === null ? 'idle' : 'done';
  if (now === null) bars.clear();
  else bars.show(now.shares, now.emotion);
  find('mood-cameras', HTMLElement).replaceChildren(...Object.entries(cameras).map(([id, { now: reading }]) => toCamera(id, reading)));
}

function toBasis({ faces, images }: Reading): string {
  return `${toNumberOf(faces, 'face')} in ${toNumberOf(images, 'image')}; who stays is counted in each. A bar is the share of faces, without those that are uncertain.`;
}

function toSilence(minimumFaces: number): string {
  return `In the last minute fewer than ${toNumberOf(minimumFaces, 'face')} were seen at a time. Of so few nothing is said, so that nobody can be singled out.`;
}

function toCamera(id: string, reading: Reading | null): HTMLLIElement {
  const said = reading === null ? 'too few faces' : `${reading.emotion ?? 'uncertain'}, ${toNumberOf(reading.faces, 'face')}`;
  const item = element('li', {}, element('strong', { textContent: id }), ` ${said}`);
  if (reading?.emotion) item.dataset['emotion'] = reading.emotion;
  return item;
}
