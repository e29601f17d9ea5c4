import type { Container } from '../../domain/names.ts';

/** A blob's content and the ETag that it had when read. */
export interface StoredBlob {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export interface BlobInfo {
  readonly name: string;
  readonly etag: string;
  readonly bytes: number;
  readonly lastModified: Date;
  /** MD5 of the content in hexadecimal digits; null when whoever wrote the blob left it out. Tells copies, not forgeries. */
  readonly md5: string | null;
}

/**
 * What Barometer asks of a storage account. Every method that fails because the account is out of reach rejects with a
 * Failure `dependency-unavailable`, or `access-denied`; after the client's own retries.
 */
export interface BlobStore {
  /** Makes the containers that are missing. */
  ensureContainers(): Promise<void>;
  /** The whole blob. @throws Failure `not-found` */
  read(container: Container, name: string): Promise<StoredBlob>;
  /** The whole blob, or null when there is none. */
  find(container: Container, name: string): Promise<StoredBlob | null>;
  /** The blob if its ETag differs from `etag`, `unchanged` if not, null when there is none. */
  readIfChanged(container: Container, name: string, etag: string): Promise<StoredBlob | 'unchanged' | null>;
  /** Writes whether or not the name is taken. Returns the new ETag. */
  write(container: Container, name: string, content: Uint8Array | string, options?: WriteOptions): Promise<string>;
  /**
   * Writes only where there is nothing; false when the name is taken (nothing is written then). When an answer got lost
   * on the way it may be this very write that took it: who must know compares the content.
   */
  create(container: Container, name: string, content: Uint8Array | string, options?: WriteOptions): Promise<boolean>;
  /** Writes only over the content with this ETag. @throws Failure `write-conflict` when another write came first */
  replace(container: Container, name: string, etag: string, content: Uint8Array | string, options?: WriteOptions): Promise<string>;
  exists(container: Container, name: string): Promise<boolean>;
  /** All blobs whose name begins with `prefix`, in the order of their names. */
  list(container: Container, prefix?: string): AsyncIterable<BlobInfo>;
  /** Removes the blob if it is there. */
  remove(container: Container, name: string): Promise<void>;
}

export interface WriteOptions {
  /** Guessed from the name's extension when not given. */
  readonly contentType?: string;
}
