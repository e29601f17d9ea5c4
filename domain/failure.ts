/**
 * Every way in which Barometer's own work can fail, in one table: whether trying again can help, and the HTTP status
 * that a caller of the API sees. Adapters translate their vendors' errors to a kind once, at the edge; nobody matches
 * on message text.
 */
export const FAILURE_KINDS = {
  /** An outside system did not answer, or said that it is busy. */
  'dependency-unavailable': { retryable: true, httpStatus: 503 },
  /** Another writer came first; reading again and deciding anew can succeed. */
  'write-conflict': { retryable: true, httpStatus: 409 },
  /** The training process ended in a way that a fresh start may mend (killed, out of memory, machine gone). */
  'training-interrupted': { retryable: true, httpStatus: 500 },
  /** Credentials are missing, expired or not allowed to do this. */
  'access-denied': { retryable: false, httpStatus: 500 },
  /** A setting is missing or contradicts another. */
  'configuration-invalid': { retryable: false, httpStatus: 500 },
  /** What a caller sent can't be read as what it should be. */
  'input-invalid': { retryable: false, httpStatus: 400 },
  /** A named thing does not exist. */
  'not-found': { retryable: false, httpStatus: 404 },
  /** A later step needs what an earlier, skipped step never produced. */
  'nothing-to-use': { retryable: false, httpStatus: 409 },
  /** Too many of the raw images are unusable to go on in good conscience. */
  'too-many-refused': { retryable: false, httpStatus: 422 },
  /** A data set has too few usable images to train or to test on. */
  'too-few-samples': { retryable: false, httpStatus: 422 },
  /** Stored bytes do not match their digest or their schema. */
  'data-corrupt': { retryable: false, httpStatus: 500 },
  /** Training ran and went wrong by itself (loss not a number, unusable hyperparameters). */
  'training-failed': { retryable: false, httpStatus: 500 },
  /** No machine to train on: the quota is used up, or the region has none of this size left. */
  'capacity-missing': { retryable: false, httpStatus: 500 },
  /** The exported network does not answer as the trained one did. */
  'parity-broken': { retryable: false, httpStatus: 500 },
  /** The container engine ended with an error. */
  'image-build-failed': { retryable: false, httpStatus: 500 },
  /** The new pods did not come up, or answered wrongly; what ran before runs again. */
  'rollout-failed': { retryable: false, httpStatus: 500 },
  /** A receiver of notifications turned one down in a way that another try would not change. */
  'delivery-refused': { retryable: false, httpStatus: 500 },
  /** An image is bigger, in bytes or in pixels, than the limits allow. */
  'image-too-large': { retryable: false, httpStatus: 413 },
  /** Bytes of a kind that is no image format we read. */
  'image-unsupported': { retryable: false, httpStatus: 415 },
  /** An image file that is damaged, cut short or empty. */
  'image-unreadable': { retryable: false, httpStatus: 400 },
  /** No model is registered, or none is loaded yet. */
  'model-unavailable': { retryable: true, httpStatus: 503 },
} as const satisfies Record<string, { retryable: boolean; httpStatus: number }>;

export type FailureKind = keyof typeof FAILURE_KINDS;

export const FAILURE_KIND_NAMES = Object.keys(FAILURE_KINDS) as [FailureKind, ...FailureKind[]];

export interface FailureOptions extends ErrorOptions {
  readonly retryAfterMs?: number | null;
}

/**
 * An expected failure with a kind. The message is written for the person who must act on it: what is wrong, and what to
 * do. It holds no secrets and no vendor's words, for it may be shown to callers and is kept in workflow histories.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** How long the one who failed wants to be left alone; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(kind: FailureKind, message: string, options?: FailureOptions) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }

  get retryable(): boolean {
    return FAILURE_KINDS[this.kind].retryable;
  }
}

export function isFailure(error: unknown, kind?: FailureKind): error is Failure {
  return error instanceof Failure && (kind === undefined || error.kind === kind);
}
