import type { Readable } from 'node:stream';

/** How long somebody who is still sending may go on, so as to find the answer. */
const LINGER_MS = 1_000;

/** Cuts a connection in a moment, unless it has ended by then: one that is cut at once would take the answer with it. */
export function cutInAMoment(sender: Readable): void {
  const cut = setTimeout(() => sender.destroy(), LINGER_MS);
  sender.once('close', () => {
    clearTimeout(cut);
  });
}
