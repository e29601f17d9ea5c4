const SCP_LIKE = /^(?:[^/@\s]+@)(?<host>[^/:\s]+):(?<path>[^\s]+)$/;

/** Whether this names a repository elsewhere: a URL, or `user@host:path`. */
export function isRemote(repository: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(repository) || SCP_LIKE.test(repository);
}

/** Where people read the code, as a URL without credentials; null for a repository of this machine. */
export function toSourceUrl(origin: string): string | null {
  const { host, path } = SCP_LIKE.exec(origin)?.groups ?? {};
  if (host !== undefined) return toPage(host, `/${path}`);
  if (!URL.canParse(origin)) return null;
  const { protocol, hostname, port, pathname } = new URL(origin);
  if (hostname === '' || protocol === 'file:') return null;
  // A port of SSH says nothing about the pages.
  return toPage(protocol.startsWith('http') && port !== '' ? `${hostname}:${port}` : hostname, pathname, protocol === 'http:' ? 'http' : 'https');
}

function toPage(host: string, path: string, protocol = 'https'): string {
  return `${protocol}://${host}${path.replace(/(\.git)?\/?$/, '')}`;
}
