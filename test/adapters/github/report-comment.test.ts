import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { putReportComment, toCommentSpace } from '../../../adapters/github/report-comment.ts';
import { createRestClient } from '../../../adapters/github/rest-client.ts';
import { isFailure } from '../../../domain/failure.ts';
import type { Comments, CommentsOptions } from '../../support/github/comments.ts';
import { startComments } from '../../support/github/comments.ts';

const WHERE = { repository: 'acme/barometer', pullRequest: 12, author: 'Pipeline/run' };

describe('the comment with a report', () => {
  let comments: Comments | undefined;

  afterEach('end the service', () => comments?.stop());

  async function start(options: Partial<CommentsOptions> = {}) {
    comments = await startComments({ ...WHERE, token: 'a token', ...options });
    const request = createRestClient({ apiUrl: comments.apiUrl, token: 'a token' });
    return { comments, put: (markdown: string, author = WHERE.author) => putReportComment(request, { ...WHERE, author, markdown }) };
  }

  it('is made once, and changed in place after that', async () => {
    const { comments: there, put } = await start();
    assert.equal(await put('first'), 'created');
    assert.equal(await put('second'), 'updated');
    assert.equal(there.count(), 1);
    assert.match(there.bodies()[0]!, /^<!-- .* -->\nsecond$/);
  });

  it('is found on a later page', async () => {
    const { comments: there, put } = await start({ others: Array.from({ length: 230 }, (_, index) => `comment ${index}`) });
    await put('first');
    assert.equal(await put('second'), 'updated');
    assert.equal(there.count(), 231);
    assert.deepEqual(there.requests.filter((each) => each.startsWith('GET')).slice(-3).map((each) => /[?&]page=(\d)/.exec(each)![1]), ['1', '2', '3']);
  });

  it('of another job is left alone, and so is that of somebody who has copied its mark', async () => {
    const { comments: there, put } = await start();
    await put('of a job');
    await put('of another', 'Nightly/run');
    assert.equal(there.count(), 2);
    const copy = there.bodies()[0]!;
    await there.stop();
    const second = await start({ others: [copy] });
    assert.equal(await second.put('mine'), 'created');
    assert.equal(second.comments.bodies()[0], copy);
    assert.equal(await second.put('mine again'), 'updated');
    assert.equal(second.comments.count(), 2);
  });

  it('may be as long as GitHub allows, with its mark', async () => {
    const { put } = await start();
    assert.equal(await put('x'.repeat(toCommentSpace(WHERE.author))), 'created');
    await assert.rejects(put('x'.repeat(toCommentSpace(WHERE.author) + 1)), (error) => isFailure(error, 'input-invalid'));
  });

  it('says which permission is missing', async () => {
    const { put } = await start({ right: 'read' });
    await assert.rejects(put('x'), (error) => isFailure(error, 'access-denied') && error.message.includes('pull-requests: write'));
  });

  it('holds no two hyphens in a row in its mark, whatever the job is called', async () => {
    const { comments: there, put } = await start();
    await put('x', 'a --> b/c--d');
    assert.match(there.bodies()[0]!, /^<!-- (?:(?!--|>).)* -->\nx$/);
  });
});
