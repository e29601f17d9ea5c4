import assert from 'node:assert/strict';
import { toRefusal } from '../../../api/web/page/refusal.ts';

const PROBLEM = { type: 'urn:barometer:problem:overloaded', title: 'Service Unavailable', status: 503, detail: 'Too much at once.', kind: 'overloaded', requestId: 'r-1' };

describe('reading why there is no answer', () => {
  it('takes the words of a problem document, and how long to wait', async () => {
    const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '7' };
    const { message, kind, status, requestId, retryAfterMs } = await toRefusal(new Response(JSON.stringify(PROBLEM), { status: 503, headers }));
    assert.deepEqual({ message, kind, status, requestId, retryAfterMs }, { message: 'Too much at once.', kind: 'overloaded', status: 503, requestId: 'r-1', retryAfterMs: 7_000 });
  });

  it('shows nothing of what a proxy says by itself but its status', async () => {
    const { message, kind, requestId, retryAfterMs } = await toRefusal(new Response('<h1>nginx</h1>', { status: 502, headers: { 'content-type': 'text/html' } }));
    assert.deepEqual({ kind, requestId, retryAfterMs }, { kind: 'unreadable', requestId: null, retryAfterMs: null });
    assert.match(message, /status 502/);
    assert.doesNotMatch(message, /nginx/);
  });

  it('lives with a problem document that is cut off', async () => {
    const { kind, status } = await toRefusal(new Response('{"type": "ur', { status: 500, headers: { 'content-type': 'application/problem+json' } }));
    assert.deepEqual({ kind, status }, { kind: 'unreadable', status: 500 });
  });
});
