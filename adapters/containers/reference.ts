/** Where an image lies. */
export interface ImageLocation {
  /** `ghcr.io`, `127.0.0.1:5000`. */
  readonly host: string;
  /** Below the host. */
  readonly repository: string;
  /** A tag or a digest. */
  readonly version: string;
}

export const DOCKER_HUB = 'docker.io';

/** Reads `host/repository:tag` or `host/repository@digest`; a name without a host is one of Docker Hub's, as engines take it. */
export function toImageLocation(reference: string): ImageLocation {
  const [untagged = '', digest] = reference.split('@');
  const { name, tag = 'latest' } = /^(?<name>.*?)(?::(?<tag>[^:/]+))?$/.exec(untagged)!.groups as { name: string; tag?: string };
  const version = digest ?? tag;
  const [first = '', ...rest] = name.split('/');
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')) return { host: first, repository: rest.join('/'), version };
  return { host: DOCKER_HUB, repository: rest.length > 0 ? name : `library/${name}`, version };
}
