import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { FAILURE_KIND_NAMES, FAILURE_KINDS, isFailure } from '../domain/failure.ts';
import type { FailureKind } from '../domain/failure.ts';

/** Problems of HTTP itself and of this server, beside the failures that the domain knows. */
const SERVER_PROBLEMS = {
  'key-required': 401,
  'other-venue': 403,
  'too-many-requests': 429,
  'request-malformed': 400,
  'request-timeout': 408,
  'expectation-failed': 417,
  'headers-too-large': 431,
  'keys-unknown': 503,
  'venues-unknown': 503,
  'method-not-allowed': 405,
  overloaded: 503,
  'shutting-down': 503,
  unexpected: 500,
} as const;

type ServerProblem = keyof typeof SERVER_PROBLEMS;
export type ProblemKind = FailureKind | ServerProblem;

const PROBLEM_KINDS = [...FAILURE_KIND_NAMES, ...(Object.keys(SERVER_PROBLEMS) as ServerProblem[])] as const;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** The answer to every request that fails, by RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Names the kind of problem; does not lead anywhere.', examples: ['urn:barometer:problem:image-too-large'] }),
    title: z.string().meta({ description: 'The meaning of the status.' }),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong with this request, for people.' }),
    kind: z.enum(PROBLEM_KINDS).meta({ description: 'The same as `type`, short: what programs go by.' }),
    requestId: z.string().meta({ description: 'Finds this request in the log.' }),
    error: z.string().optional().meta({ description: 'The same as `detail`, where clients of the Open Inference Protocol look for it; under /v2 alone.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request failed (RFC 9457).' });
export type Problem = z.infer<typeof problemSchema>;

/** Of several images in one request, why one could not be answered. */
export const imageProblemSchema = problemSchema
  .pick({ type: true, title: true, status: true, detail: true, kind: true })
  .meta({ id: 'ImageProblem', description: 'Why one of several images could not be answered; the others are.' });
export type ImageProblem = z.infer<typeof imageProblemSchema>;

/** Ends a request with a problem of the server's own. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly kind: ServerProblem;
  /** Of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ServerProblem, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.kind = kind;
    this.headers = headers;
  }
}

const UNEXPECTED = 'Something went wrong on our side. The request id leads to the cause in the log.';

/** Says to a caller what an error means. Of errors that are not the caller's doing it says nothing of the inside. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof HttpProblem) return compose(error.kind, SERVER_PROBLEMS[error.kind], error.message, requestId);
  if (isFailure(error) && FAILURE_KINDS[error.kind].httpStatus !== 500) {
    return compose(error.kind, FAILURE_KINDS[error.kind].httpStatus, error.message, requestId);
  }
  return compose('unexpected', 500, UNEXPECTED, requestId);
}

function compose(kind: ProblemKind, status: number, detail: string, requestId: string): Problem {
  return { type: `urn:barometer:problem:${kind}`, title: STATUS_CODES[status] ?? 'Error', status, detail, kind, requestId };
}
