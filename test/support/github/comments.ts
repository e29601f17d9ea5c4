import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { startFakeServer } from '../fake-http.ts';

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string; readonly type: 'Bot' | 'User' };
}

export interface CommentsOptions {
  readonly repository: string;
  readonly pullRequest: number;
  readonly token: string;
  /** What the token may: `read` is what jobs of forks have. */
  readonly right?: 'read' | 'write';
  /** Of others, there before. */
  readonly others?: readonly string[];
}

export interface Comments {
  readonly apiUrl: string;
  count(): number;
  bodies(): string[];
  /** `GET /repos/…`, in the order in which they came. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

const ME = { login: 'github-actions[bot]', type: 'Bot' } as const;
const LONGEST = 65_536;

/** Speaks as the part of GitHub's REST API that is about comments does (docs.github.com, "REST API endpoints for issue comments"). */
export async function startComments({ repository, pullRequest, token, right = 'write', others = [] }: CommentsOptions): Promise<Comments> {
  const comments: Comment[] = others.map((body, index) => ({ id: index + 1, body, user: { login: 'somebody', type: 'User' } }));
  const requests: string[] = [];
  const list = `/repos/${repository}/issues/${pullRequest}/comments`;
  const single = new RegExp(`^/repos/${repository}/issues/comments/(\\d+)$`);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    const say = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
    };
    const refuse = (status: number, message: string) => { say(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }); };
    if (request.headers.authorization !== `Bearer ${token}`) { refuse(401, 'Bad credentials'); return; }
    if (request.headers['user-agent'] === undefined) { refuse(403, 'Request forbidden by administrative rules.'); return; }

    if (request.method === 'GET' && url.pathname === list) {
      const perPage = Math.min(100, Number(url.searchParams.get('per_page') ?? '30'));
      const page = Number(url.searchParams.get('page') ?? '1');
      say(200, comments.slice((page - 1) * perPage, page * perPage));
      return;
    }
    const body = request.method === 'POST' || request.method === 'PATCH' ? ((await json(request)) as { body?: string }).body ?? '' : '';
    const found = comments.find(({ id }) => String(id) === single.exec(url.pathname)?.[1]);
    if (right === 'read') refuse(403, 'Resource not accessible by integration');
    else if (body.length > LONGEST) say(422, { message: 'Validation Failed', errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: `Body is too long (maximum is ${LONGEST} characters)` }] });
    else if (request.method === 'POST' && url.pathname === list) {
      const comment: Comment = { id: comments.length + 1, body, user: ME };
      comments.push(comment);
      say(201, comment);
    } else if (request.method === 'PATCH' && found !== undefined) {
      if (found.user.type === 'User') { refuse(403, 'Resource not accessible by integration'); return; }
      found.body = body;
      say(200, found);
    } else refuse(404, 'Not Found');
  }

  const server = await startFakeServer((request, response) => void answer(request, response));
  return {
    apiUrl: `http://${server.host}`,
    count: () => comments.length,
    bodies: () => comments.map(({ body }) => body),
    requests,
    stop: server.stop,
  };
}
