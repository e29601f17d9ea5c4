const TICK_MS = 1_000;
// Without a terminal a log is read later: often enough to show life, seldom enough to stay readable.
const REMINDER_SECONDS = 30;

/** @typedef {{ title: string, startedAt: number, remindedAt: number, detail: () => string }} Step */

/** @type {Set<Step>} */
const running = new Set();
/** @type {NodeJS.Timeout | undefined} */
let ticker;

/**
 * Prints one line, on stderr: stdout belongs to the command.
 *
 * @param {string} text
 */
export function say(text) {
  clearLine();
  process.stderr.write(`barometer: ${text}\n`);
  drawLine();
}

/**
 * Runs `work` and shows that it is alive: on a terminal one line with the elapsed seconds of all running steps, elsewhere a
 * line at the start, at the end, and every 30 seconds between. `detail` may say how far it is.
 *
 * @template T
 * @param {string} title what is being done, as in "installing the npm packages"
 * @param {() => Promise<T>} work
 * @param {() => string} [detail]
 * @returns {Promise<T>}
 */
export async function step(title, work, detail = () => '') {
  const now = Date.now();
  /** @type {Step} */
  const entry = { title, startedAt: now, remindedAt: now, detail };
  running.add(entry);
  if (!process.stderr.isTTY) say(title);
  ticker ??= setInterval(tick, TICK_MS);
  try {
    const result = await work();
    finish(entry);
    say(`${title}: done in ${secondsSince(entry.startedAt)} s`);
    return result;
  } catch (error) {
    finish(entry);
    say(`${title}: failed after ${secondsSince(entry.startedAt)} s`);
    throw error;
  }
}

/** @param {Step} entry */
function finish(entry) {
  clearLine();
  running.delete(entry);
  if (running.size > 0) return;
  clearInterval(ticker);
  ticker = undefined;
}

function tick() {
  if (process.stderr.isTTY) {
    clearLine();
    drawLine();
    return;
  }
  for (const entry of running) {
    if (secondsSince(entry.remindedAt) < REMINDER_SECONDS) continue;
    entry.remindedAt = Date.now();
    say(`still ${toText(entry)}`);
  }
}

function clearLine() {
  if (process.stderr.isTTY && running.size > 0) process.stderr.write('\r\x1b[2K');
}

function drawLine() {
  if (!process.stderr.isTTY || running.size === 0) return;
  const line = `barometer: ${[...running].map(toText).join(' | ')}`;
  // A line longer than the terminal would wrap, and a wrapped line can't be redrawn in place.
  process.stderr.write(line.slice(0, (process.stderr.columns || 80) - 1));
}

/** @param {Step} entry */
function toText(entry) {
  const detail = entry.detail();
  return `${entry.title}, ${secondsSince(entry.startedAt)} s${detail ? `, ${detail}` : ''}`;
}

/** @param {number} sinceMs */
function secondsSince(sinceMs) {
  return Math.round((Date.now() - sinceMs) / 1_000);
}
