/**
 * Aborted when this process is asked to end: ctrl-C, SIGTERM, or the parent that it is connected to is gone.
 * A second ctrl-C ends it at once.
 */
export function createEndSignal(): AbortSignal {
  const controller = new AbortController();
  const end = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', end);
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  // Gone before this was called, while modules were loading.
  if (process.send !== undefined && !process.connected) end();
  return controller.signal;
}
