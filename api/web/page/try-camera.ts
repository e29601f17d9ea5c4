import { CameraRefusal, openCamera, toJpeg } from './camera.ts';
import type { Camera } from './camera.ts';
import { toCountedPlace, toCountingHeaders } from './count-in.ts';
import { element, find, say } from './dom.ts';
import { predict } from './predict.ts';
import { showAnswer, showIdle, showRefusal } from './reading.ts';
import { Refusal } from './refusal.ts';
import { repeat } from './repeat.ts';

interface Listeners {
  /** Before the camera is asked for. */
  readonly onBegin: () => void;
  readonly onAnswer: (version: number) => void;
}

const RETRY_MS = 3_000;

const stage = find('stage', HTMLElement);
const video = find('video', HTMLVideoElement);
const toggle = find('camera', HTMLButtonElement);
const pace = find('pace', HTMLSelectElement);
const which = find('which-camera', HTMLSelectElement);
const note = find('camera-note', HTMLElement);
const options = find('camera-options', HTMLElement);

/**
 * Lets the button start and stop the camera, and asks about a frame every second or two while it runs and the page is looked at.
 * A frame is never kept: it is drawn over by the next one, and gone when the camera stops.
 *
 * @returns stops the camera, if it runs
 */
export function startTryingTheCamera({ onBegin, onAnswer }: Listeners): () => void {
  let running: AbortController | null = null;

  toggle.addEventListener('click', () => {
    if (running === null) void run();
    else stop();
  });
  which.addEventListener('change', () => {
    stop();
    void run(which.value);
  });
  return stop;

  function stop(): void {
    if (running === null) return;
    running.abort();
    running = null;
    stage.dataset['shows'] = 'picture';
    toggle.textContent = 'Use the camera';
    options.hidden = true;
    say(note, '');
    showIdle('Camera stopped');
  }

  async function run(id?: string): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    onBegin();
    running = controller;
    toggle.textContent = 'Stop the camera';
    say(note, 'Waiting for the camera …');
    try {
      const camera = await openCamera({ video, ...(id !== undefined && { id }), onEnd: () => end('The camera has ended.') });
      signal.addEventListener('abort', camera.close);
      if (signal.aborted) {
        camera.close();
        return;
      }
      stage.dataset['shows'] = 'camera';
      options.hidden = false;
      showIdle('Looking …');
      say(note, toNote(toCountedPlace()));
      await showChoices(camera);
      await repeat(() => askAboutFrame(camera, signal), { periodMs: () => Number(pace.value) * 1_000, signal });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CameraRefusal)) throw error;
      end(error.message);
    }

    function end(why: string): void {
      if (signal.aborted) return;
      stop();
      say(note, why);
    }
  }

  /** Returns how long to wait at least before the next frame, in milliseconds. */
  async function askAboutFrame(camera: Camera, signal: AbortSignal): Promise<number> {
    const canvas = document.hidden ? null : camera.draw();
    const frame = canvas && (await toJpeg(canvas));
    if (canvas === null || frame === null) return 0;
    try {
      const place = toCountedPlace();
      const answer = await predict(frame, { signal, headers: toCountingHeaders(place) });
      signal.throwIfAborted();
      say(note, toNote(place));
      showAnswer(answer, { drawable: canvas, width: canvas.width }, { showsSquare: false });
      onAnswer(answer.model.version);
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      if (!(error instanceof Refusal)) throw error;
      showRefusal(error);
      return error.retryAfterMs ?? RETRY_MS;
    }
  }
}

function toNote(place: ReturnType<typeof toCountedPlace>): string {
  if (place === null) return 'The camera is on. Nothing is recorded.';
  if (place === 'unsaid') return 'The camera is on. Nothing is recorded, nor counted: say below in which venue, and as which of its cameras.';
  return `The camera is on. No picture is kept; its faces are counted into the mood of ${place.venue}.`;
}

async function showChoices(camera: Camera): Promise<void> {
  const choices = await camera.listChoices();
  which.replaceChildren(...choices.map(({ id, label }) => element('option', { value: id, textContent: label, selected: id === camera.id })));
  find('which-camera-row', HTMLElement).hidden = choices.length < 2;
}
