/** An answer of the service. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Thrown by whoever handles a request that can't be granted. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.answer = toErrorAnswer(status, code, message, headers);
  }
}

/** An error in the form of ARM. */
export function toErrorAnswer(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { error: { code, message, details: [], additionalInfo: [] } } };
}
