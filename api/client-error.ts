import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { cutInAMoment } from './linger.ts';
import { HttpProblem, PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';

/** What the parser of HTTP found, by Node's own codes; anything else is a request that can't be read. */
const PROBLEMS: Readonly<Record<string, HttpProblem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new HttpProblem('request-timeout', 'The request took too long to arrive.'),
  HPE_HEADER_OVERFLOW: new HttpProblem('headers-too-large', 'The headers are larger than any that make sense here.'),
};
const MALFORMED = new HttpProblem('request-malformed', 'This can\'t be read as a request of HTTP/1.1.');

/** Says to whoever sent what never became a request what is wrong with it, and ends the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, mayAnswer: boolean): void {
  // Told already; what still comes is no request either.
  if (socket.writableEnded) return;
  if (!mayAnswer || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = toProblem(PROBLEMS[error.code ?? ''] ?? MALFORMED, randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${PROBLEM_CONTENT_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${problem.requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  stopReading(socket);
}

/** Discards what is still coming. */
function stopReading(socket: Duplex): void {
  // The parser of HTTP would complain of each piece.
  socket.removeAllListeners('data').on('data', () => undefined);
  socket.once('end', () => socket.destroy());
  cutInAMoment(socket);
}
