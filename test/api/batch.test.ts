import assert from 'node:assert/strict';
import type { BatchAnswer } from '../../api/answers.ts';
import { batchAnswerSchema } from '../../api/answers.ts';
import type { Problem, ProblemKind } from '../../api/problem.ts';
import type { TestApi } from '../support/api.ts';
import { IMAGE_LIMITS, startTestApi, toForm } from '../support/api.ts';
import { toNoise, toPhoto } from '../support/images.ts';

describe('POST /predict/batch', () => {
  let api: TestApi;
  let photo: Buffer;

  before(async () => {
    api = await startTestApi({ answer: 'sad' });
    photo = await toPhoto().jpeg().toBuffer();
  });

  after(() => api.close());

  function post(body: FormData, { url } = api, query = ''): Promise<Response> {
    return fetch(`${url}/predict/batch${query}`, { method: 'POST', body });
  }

  async function predict(body: FormData): Promise<BatchAnswer> {
    const answer = await post(body);
    assert.equal(answer.status, 200);
    return batchAnswerSchema.parse(await answer.json());
  }

  async function assertProblem(answer: Response, status: number, kind: ProblemKind): Promise<Problem> {
    assert.equal(answer.status, status);
    const problem = (await answer.json()) as Problem;
    assert.equal(problem.kind, kind);
    return problem;
  }

  it('answers each image in the order in which they were sent, and says once who answers', async () => {
    const sides = [10, 20, 30];
    const images = await Promise.all(sides.map((side) => toNoise(side).png().toBuffer()));
    const { model, predictions } = await predict(toForm(...images));
    assert.equal(model.version, 1);
    assert.deepEqual(predictions.map((each) => each.status === 'answered' && [each.emotion, each.image.width]), sides.map((side) => ['sad', side]));
  });

  it('answers one image, and sixteen', async () => {
    for (const count of [1, 16]) assert.equal((await predict(toForm(...Array<Buffer>(count).fill(photo)))).predictions.length, count);
  });

  it('says which image it can\'t read and why, and answers the others', async () => {
    const { predictions } = await predict(toForm(photo, 'no image', photo.subarray(0, 300), photo));
    assert.deepEqual(predictions.map((each) => (each.status === 'answered' ? each.emotion : each.problem.kind)), ['sad', 'image-unsupported', 'image-unreadable', 'sad']);
  });

  it('takes the parameters of /predict for all', async () => {
    const answer = await post(toForm(photo, photo), api, '?faces=always');
    const { predictions } = batchAnswerSchema.parse(await answer.json());
    assert.deepEqual(predictions.map((each) => each.status === 'answered' && [each.source, each.emotion]), [['faces', null], ['faces', null]]);
    await assertProblem(await post(toForm(photo), api, '?faces=some'), 400, 'input-invalid');
  });

  it('turns away more than sixteen, none, and what is too large', async () => {
    assert.match((await assertProblem(await post(toForm(...Array<Buffer>(17).fill(photo))), 400, 'input-invalid')).detail, /more than 16 files/);
    await assertProblem(await post(toForm()), 400, 'input-invalid');
    await assertProblem(await post(toForm(Buffer.alloc(IMAGE_LIMITS.maxBytes + 1))), 413, 'image-too-large');
    const withinEach = Array.from({ length: 5 }, () => Buffer.alloc(IMAGE_LIMITS.maxBytes - 1));
    assert.match((await assertProblem(await post(toForm(...withinEach)), 413, 'image-too-large')).detail, /all together/);
  });

  it('counts as many requests as it holds images', async () => {
    const limited = await startTestApi({ access: { requestsPerMinute: 10 } });
    try {
      assert.match((await post(toForm(...Array<Buffer>(7).fill(photo)), limited)).headers.get('ratelimit')!, /r=3;/);
      const refused = await post(toForm(...Array<Buffer>(7).fill(photo)), limited);
      await assertProblem(refused, 429, 'too-many-requests');
      // Six seconds a request: two are left after this one was counted, and it takes seven. Some are over by now.
      const seconds = Number(refused.headers.get('retry-after'));
      assert.ok(seconds > 24 && seconds <= 30, String(seconds));
    } finally {
      await limited.close();
    }
  });

  it('is not refused for good where less is allowed a minute than it holds', async () => {
    const limited = await startTestApi({ access: { requestsPerMinute: 3 } });
    try {
      assert.equal((await post(toForm(...Array<Buffer>(16).fill(photo)), limited)).status, 200);
    } finally {
      await limited.close();
    }
  });
});
