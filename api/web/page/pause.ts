/** Resolves after a while, or as soon as `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) return Promise.resolve();
  const timer = setTimeout(wake, ms);
  signal.addEventListener('abort', wake);
  return promise;

  function wake(): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    resolve(undefined);
  }
}
