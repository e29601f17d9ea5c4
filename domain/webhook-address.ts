/** As `URL` writes them: it turns `127.1` and `[0:0:0:0:0:0:0:1]` into these. */
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether something may be posted there as far as the address alone tells: by https, or by http to this very machine; without a name
 * or password in it, which lists would show. What the host's name stands for is checked by whoever posts.
 */
export function isWebhookAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname));
}
