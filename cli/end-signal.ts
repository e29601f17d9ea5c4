/** Whoever ends all processes of a service reaches one twice whose parent passes signals on. */
const ONCE_MS = 500;

/**
 * Aborted when this process is asked to end: ctrl-C, SIGTERM, or the parent that it is connected to is gone.
 * A second time ends it at once.
 */
export function createEndSignal(): AbortSignal {
  const controller = new AbortController();
  let abortedAt = 0;
  const end = () => {
    if (controller.signal.aborted) process.exit(130);
    abortedAt = performance.now();
    controller.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', () => {
    if (!controller.signal.aborted || performance.now() - abortedAt > ONCE_MS) end();
  });
  process.once('disconnect', end);
  // Gone before this was called, while modules were loading.
  if (process.send !== undefined && !process.connected) end();
  return controller.signal;
}
