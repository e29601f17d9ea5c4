import { find } from './dom.ts';
import { toRefusal, toUnreachable } from './refusal.ts';

const keyRow = find('key-row', HTMLElement);
const key = find('key', HTMLInputElement);

/**
 * Asks the API, with the key that was typed in, which nothing but this page's memory holds. Shows where to type it when it is
 * asked for.
 *
 * @throws Refusal when the answer is none, or a problem; whatever an aborted `signal` was given as its reason
 */
export async function request(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  if (hasKey()) headers.set('x-api-key', key.value.trim());
  const response = await fetch(path, { ...options, headers }).catch((error: unknown) => {
    throw options.signal?.aborted ? error : toUnreachable();
  });
  if (response.status === 401) keyRow.hidden = false;
  if (!response.ok) throw await toRefusal(response);
  return response;
}

export function hasKey(): boolean {
  return key.value.trim() !== '';
}

/** Calls whenever another key was typed in. */
export function onKeyChange(listener: () => void): void {
  key.addEventListener('change', listener);
}
