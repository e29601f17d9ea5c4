/** @type {(() => void)[]} */
const pending = [];

// Backwards: what was begun last is undone first, a command before the directory that it writes to.
process.once('exit', () => {
  for (const undo of pending.reverse()) undo();
});

/**
 * Registers what must be undone if this process ends before the returned function is called.
 *
 * @param {() => void} undo synchronous
 * @returns {() => void}
 */
export function onExit(undo) {
  pending.push(undo);
  return () => {
    const index = pending.indexOf(undo);
    if (index >= 0) pending.splice(index, 1);
  };
}
