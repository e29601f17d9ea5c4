import type { Problem } from '../../problem.ts';

/** Why there is no answer, in words for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** As in a problem document; `unreachable` when nothing answered, `unreadable` when it was not this API that did. */
  readonly kind: Problem['kind'] | 'unreachable' | 'unreadable';
  /** Of the answer; 0 when there was none. */
  readonly status: number;
  /** Finds the request in the server's log. */
  readonly requestId: string | null;
  /** How long to wait before asking again, where the server said so. */
  readonly retryAfterMs: number | null;

  constructor(message: string, { kind, status, requestId = null, retryAfterMs = null }: RefusalFacts) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

interface RefusalFacts {
  readonly kind: Refusal['kind'];
  readonly status: number;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
}

/** Whether it may go another way next time. */
export function canPass({ status }: Refusal): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

export function toUnreachable(): Refusal {
  return new Refusal('The server did not answer. Is it still there?', { kind: 'unreachable', status: 0 });
}

/** Reads what a failed request's answer says; a proxy's own page says nothing but its status. */
export async function toRefusal(response: Response): Promise<Refusal> {
  const { status } = response;
  const retryAfterMs = toMilliseconds(response.headers.get('retry-after'));
  const problem = await readProblem(response);
  if (problem === null) {
    return new Refusal(`Something between this page and the API answered with status ${status}.`, { kind: 'unreadable', status, retryAfterMs });
  }
  return new Refusal(problem.detail, { kind: problem.kind, status, requestId: problem.requestId, retryAfterMs });
}

async function readProblem(response: Response): Promise<Problem | null> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  const text = await response.text().catch(() => '');
  try {
    return isProblem ? (JSON.parse(text) as Problem) : null;
  } catch {
    return null;
  }
}

function toMilliseconds(retryAfter: string | null): number | null {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}
