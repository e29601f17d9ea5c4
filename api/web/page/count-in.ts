import type { CamerasAnswer } from '../../venue-answers.ts';
import { element, find } from './dom.ts';
import { canPass, Refusal } from './refusal.ts';
import { onKeyChange, request } from './request.ts';

const RETRY_MS = 3_000;

const wish = find('count-in', HTMLInputElement);
const venue = find('venue', HTMLInputElement);
const anyCamera = find('camera-name', HTMLInputElement);
const describedCamera = find('camera-choice', HTMLSelectElement);
const nameRow = find('camera-name-row', HTMLElement);
const choiceRow = find('camera-choice-row', HTMLElement);

/** Where the camera's faces are to be counted. */
export interface CountedPlace {
  readonly venue: string;
  readonly camera: string;
}

/** The venue whose cameras can be chosen now; null as long as that is not known of the one that is named. */
let offered: string | null = null;

/** Offers the cameras that a venue describes, which are the only ones it takes; of a venue that describes none any name can be typed. */
export function startOfferingCameras(): void {
  let asking = new AbortController();
  let askingAgain: ReturnType<typeof setTimeout> | undefined;
  for (const field of [wish, venue]) field.addEventListener('change', () => void offer());
  onKeyChange(() => void offer());

  async function offer(): Promise<void> {
    asking.abort();
    asking = new AbortController();
    clearTimeout(askingAgain);
    offered = null;
    if (!wish.checked || !isSaid(venue)) return;
    const name = venue.value;
    const { signal } = asking;
    try {
      const { cameras } = (await (await request(`/venues/${encodeURIComponent(name)}/cameras`, { signal })).json()) as CamerasAnswer;
      if (signal.aborted) return;
      show(cameras);
      offered = name;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      // What lasts is said by the answer about the next frame.
      if (canPass(error)) askingAgain = setTimeout(() => void offer(), error.retryAfterMs ?? RETRY_MS);
      else offered = name;
    }
  }
}

/** Which of several it stands for is the person's to say: a camera has staff areas of its own. */
function show(cameras: CamerasAnswer['cameras']): void {
  const options = Object.entries(cameras).map(([id, { name }]) => element('option', { value: id, textContent: name === null ? id : `${name} (${id})` }));
  const isDescribed = options.length > 0;
  if (options.length > 1) options.unshift(element('option', { value: '', textContent: 'choose one' }));
  describedCamera.replaceChildren(...options);
  choiceRow.hidden = !isDescribed;
  nameRow.hidden = isDescribed;
  // Nobody could mend what is wrong in a field that isn't shown.
  anyCamera.disabled = isDescribed;
}

/** What the person has asked for: nothing; to be counted, but has not said where; or where. */
export function toCountedPlace(): CountedPlace | 'unsaid' | null {
  if (!wish.checked) return null;
  const camera = choiceRow.hidden ? anyCamera : describedCamera;
  return offered === venue.value && isSaid(camera) ? { venue: venue.value, camera: camera.value } : 'unsaid';
}

/** What a request says so that its faces are counted. */
export function toCountingHeaders(place: ReturnType<typeof toCountedPlace>): Record<string, string> {
  return place === null || place === 'unsaid' ? {} : { 'barometer-venue': place.venue, 'barometer-camera': place.camera };
}

function isSaid(field: HTMLInputElement | HTMLSelectElement): boolean {
  return field.value !== '' && field.checkValidity();
}
