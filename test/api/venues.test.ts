import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Access } from '../../api/access.ts';
import type { BatchAnswer, PredictionAnswer } from '../../api/answers.ts';
import type { KeyHolder } from '../../api/key-ring.ts';
import type { MoodKeeper } from '../../api/mood-keeper.ts';
import { createMoodKeeper } from '../../api/mood-keeper.ts';
import type { Problem } from '../../api/problem.ts';
import type { MoodAnswer, MoodEvent } from '../../api/venue-answers.ts';
import { moodAnswerSchema } from '../../api/venue-answers.ts';
import type { FaceDetector } from '../../domain/face.ts';
import { noticeSchema } from '../../domain/notice.ts';
import type { Venue } from '../../domain/venue.ts';
import { venueSchema } from '../../domain/venue.ts';
import type { TestApi, TestApiOptions } from '../support/api.ts';
import { createTestLogger, startTestApi, toForm } from '../support/api.ts';
import { toPhoto } from '../support/images.ts';
import { createMemoryMoodStore, toFaces } from '../support/moods.ts';
import { until } from '../support/until.ts';

const START = Date.parse('2026-11-28T21:30:00Z');
const SUN = venueSchema.parse({
  id: 'the-sun',
  name: 'The <Sun> & Co',
  operator: { name: 'Sun Ltd', contact: 'privacy@sun.example', legalBasis: 'Legitimate interest' },
  minimumFaces: 2,
  cameras: { bar: { staffAreas: [{ points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] }] }, door: {} },
  rules: [{ id: 'fight', emotion: 'angry', shareAbove: 0.3, forSeconds: 60 }],
  webhook: { url: 'https://sun.example/secret-path' },
});

/** Two guests on the left, one of the staff on the right. */
const THREE_FACES: FaceDetector = {
  largestSide: 512,
  detect: ({ width, height }) => Promise.resolve([0.15, 0.35, 0.8].map((x) => ({ box: { x: x * width - 10, y: height / 2 - 12, width: 20, height: 25 }, score: 0.9 }))),
  close: () => Promise.resolve(),
};

describe('venues', () => {
  let clock: number;
  let store: ReturnType<typeof createMemoryMoodStore>;
  let moods: MoodKeeper;
  let api: TestApi | undefined;
  let photo: Buffer;
  let venues: Map<string, Venue | 'unknown'>;
  let ending: AbortController;
  const keys = new Map<string, KeyHolder>();
  const access: Partial<Access> = { open: 'never', keys: { knowledge: () => 'some', findHolder: (key) => keys.get(key) ?? null } };

  beforeEach(async () => {
    clock = START;
    store = createMemoryMoodStore();
    venues = new Map([[SUN.id, SUN]]);
    ending = new AbortController();
    keys.clear();
    moods = createMoodKeeper({ store, minimumFacesOf: () => 2, logger: createTestLogger().logger, pollMs: 3_600_000, now: () => clock });
    photo = await toPhoto({ width: 200, height: 100 }).png().toBuffer();
  });

  afterEach(async () => {
    await api?.close();
    await moods.close();
  });

  async function start(options: TestApiOptions = {}): Promise<string> {
    api = await startTestApi({ answer: 'angry', detector: THREE_FACES, moods, venues: { find: (id) => venues.get(id) ?? null }, ending: ending.signal, streamPace: { periodMs: 10, heartbeatMs: 30 }, ...options });
    return api.url;
  }

  async function settle(): Promise<void> {
    clock += 16_000;
    await moods.refresh();
  }

  function send(url: string, where: Readonly<Record<string, string>>, { headers = {}, query = '', path = '/predict' }: { headers?: Record<string, string>; query?: string; path?: string } = {}): Promise<Response> {
    const form = toForm(photo);
    for (const [name, value] of Object.entries(where)) form.append(name, value);
    return fetch(`${url}${path}${query}`, { method: 'POST', body: form, headers });
  }

  async function readMood(url: string, id = SUN.id): Promise<MoodAnswer> {
    return moodAnswerSchema.parse(await (await fetch(`${url}/venues/${id}/mood`)).json());
  }

  async function assertProblem(answer: Response, status: number, kind: string): Promise<Problem> {
    assert.equal(answer.status, status);
    const problem = (await answer.json()) as Problem;
    assert.equal(problem.kind, kind);
    return problem;
  }

  describe('have a mood', () => {
    it('of the faces in images that name a camera, in form fields, headers or both, but for the staff\'s', async () => {
      const url = await start();
      const answers = [
        await send(url, { venue: 'the-sun', camera: 'bar' }),
        await send(url, {}, { headers: { 'barometer-venue': 'the-sun', 'barometer-camera': 'bar' } }),
        await send(url, { camera: 'door' }, { headers: { 'barometer-venue': 'the-sun' } }),
      ];
      const predictions = (await Promise.all(answers.map((answer) => answer.json()))) as PredictionAnswer[];
      assert.deepEqual(predictions.map(({ faces, leftOut }) => [faces.length, leftOut]), [[2, 1], [2, 1], [3, 0]]);
      await settle();
      const { now, cameras, series, minimumFaces } = await readMood(url);
      assert.deepEqual({ faces: now?.faces, images: now?.images, emotion: now?.emotion, angry: now?.shares.angry }, { faces: 7, images: 3, emotion: 'angry', angry: 1 });
      assert.deepEqual(Object.entries(cameras).map(([id, { now: of }]) => [id, of?.faces]), [['bar', 4], ['door', 3]]);
      assert.equal(minimumFaces, 2);
      assert.equal(series.flatMap(({ reading }) => reading ?? []).length, 1);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      assert.match(metrics, /^barometer_mood_images_total\{result="counted"\} 3$/m);
      assert.match(metrics, /^barometer_faces_left_out_total 2$/m);
    });

    it('of every image in a batch', async () => {
      const url = await start();
      const form = toForm(photo, photo);
      form.append('venue', 'the-sun');
      form.append('camera', 'bar');
      const { predictions } = (await (await fetch(`${url}/predict/batch`, { method: 'POST', body: form })).json()) as BatchAnswer;
      assert.deepEqual(predictions.map((each) => each.status === 'answered' && each.leftOut), [1, 1]);
      await settle();
      assert.equal((await readMood(url)).now?.faces, 4);
    });

    it('of every image that is asked about by the Open Inference Protocol', async () => {
      const url = await start();
      const body = JSON.stringify({ inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', data: [photo.toString('base64')] }], outputs: [{ name: 'prediction' }] });
      const infer = (camera: string) => fetch(`${url}/v2/models/emotions-scene/infer`, { method: 'POST', body, headers: { 'barometer-venue': 'the-sun', 'barometer-camera': camera } });
      const { outputs } = (await (await infer('bar')).json()) as { outputs: { data: string[] }[] };
      assert.equal((JSON.parse(outputs[0]!.data[0]!) as PredictionAnswer).leftOut, 1);
      await assertProblem(await infer('roof'), 400, 'input-invalid');
      await settle();
      assert.equal((await readMood(url)).now?.faces, 2);
    });

    it('without being described: then there are no staff areas, and five faces are needed', async () => {
      const url = await start();
      const { leftOut } = (await (await send(url, { venue: 'the-moon', camera: 'roof' })).json()) as PredictionAnswer;
      assert.equal(leftOut, 0);
      await settle();
      assert.equal((await readMood(url, 'the-moon')).minimumFaces, 5);
    });

    it('in which images without a camera do not count, nor those without faces', async () => {
      const url = await start();
      assert.equal((await send(url, { venue: 'the-sun' })).status, 200);
      assert.equal((await send(url, { venue: 'the-moon', camera: 'roof' }, { query: '?faces=never' })).status, 200);
      await settle();
      assert.equal((await readMood(url)).now, null);
      assert.equal((await readMood(url, 'the-moon')).now, null);
    });

    it('without which images are still answered: whatever becomes of storage, no request waits for it', async () => {
      const never = new Promise<never>(() => undefined);
      const hanging = createMoodKeeper({ store: { ...store, save: () => never, list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) }) }, minimumFacesOf: () => 2, logger: createTestLogger().logger });
      const url = await start({ moods: hanging });
      assert.equal((await send(url, { venue: 'the-sun', camera: 'bar' })).status, 200);
      assert.equal((await readMood(url)).now, null);
    });
  });

  describe('turn away', () => {
    it('names that are none, a camera of nobody\'s, and two names for one thing', async () => {
      const url = await start();
      await assertProblem(await send(url, { venue: 'The Sun', camera: 'bar' }), 400, 'input-invalid');
      await assertProblem(await send(url, { venue: 'the-sun', camera: '../bar' }), 400, 'input-invalid');
      await assertProblem(await send(url, { camera: 'bar' }), 400, 'input-invalid');
      await assertProblem(await send(url, { venue: 'the-sun' }, { headers: { 'barometer-venue': 'the-moon' } }), 400, 'input-invalid');
      await assertProblem(await fetch(`${url}/venues/The%20Sun/mood`), 404, 'not-found');
    });

    it('a camera that a described venue does not have: a misspelt one would leave its staff in', async () => {
      const { detail } = await assertProblem(await send(await start(), { venue: 'the-sun', camera: 'baar' }), 400, 'input-invalid');
      assert.match(detail, /bar, door/);
    });

    it('the wish to look at the whole image where there are staff areas', async () => {
      const url = await start();
      await assertProblem(await send(url, { venue: 'the-sun', camera: 'bar' }, { query: '?faces=never' }), 400, 'input-invalid');
      assert.equal((await send(url, { venue: 'the-sun', camera: 'door' }, { query: '?faces=never' })).status, 200);
    });

    it('images of a camera whose staff areas are not known yet, and no others', async () => {
      venues.set('the-sun', 'unknown');
      const url = await start();
      const answer = await send(url, { venue: 'the-sun', camera: 'bar' });
      assert.ok(answer.headers.has('retry-after'));
      await assertProblem(answer, 503, 'venues-unknown');
      assert.equal((await send(url, {})).status, 200);
      await assertProblem(await fetch(`${url}/venues/the-sun/mood`), 503, 'venues-unknown');
    });

    it('keys of other venues; a key names its venue by itself', async () => {
      keys.set('sun', { id: 'a', venue: 'the-sun' });
      const url = await start({ access });
      const headers = { 'x-api-key': 'sun' };
      await assertProblem(await send(url, { venue: 'the-moon', camera: 'bar' }, { headers }), 403, 'other-venue');
      await assertProblem(await send(url, { venue: 'the-moon' }, { headers }), 403, 'other-venue');
      assert.equal(((await (await send(url, { camera: 'bar' }, { headers })).json()) as PredictionAnswer).leftOut, 1);
      for (const path of ['mood', 'mood/stream']) {
        await assertProblem(await fetch(`${url}/venues/the-moon/${path}`, { headers }), 403, 'other-venue');
        await assertProblem(await fetch(`${url}/venues/the-sun/${path}`), 401, 'key-required');
      }
      await settle();
      const mood = moodAnswerSchema.parse(await (await fetch(`${url}/venues/the-sun/mood`, { headers })).json());
      assert.equal(mood.now?.faces, 2);
    });
  });

  describe('are watched', () => {
    /** A stream over a socket of its own, with all that has come. */
    async function watch(url: string, headers: Record<string, string> = {}) {
      const request = get(`${url}/venues/the-sun/mood/stream`, { headers });
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      let text = '';
      let hasEnded = false;
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () => (hasEnded = true));
      answer.on('error', () => undefined);
      return {
        answer,
        text: () => text,
        hasEnded: () => hasEnded,
        events: () => [...text.matchAll(/^event: mood\ndata: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data!) as MoodEvent),
        leave: () => request.destroy(),
      };
    }

    async function countWatching(url: string): Promise<number> {
      return Number(/^barometer_mood_streams (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())![1]);
    }

    it('as things are, whenever they change, and with a sign of life in between', async () => {
      const url = await start();
      const screen = await watch(url);
      assert.equal(screen.answer.headers['content-type'], 'text/event-stream; charset=utf-8');
      await until(() => screen.events().length === 1 && screen.text().includes(': still here'));
      assert.equal(screen.events()[0]!.now, null);
      moods.record({ venue: 'the-sun', camera: 'bar' }, toFaces(4, 'sad'));
      await settle();
      await until(() => screen.events().length === 2);
      const { series: _series, ...mood } = await readMood(url);
      assert.deepEqual(screen.events()[1], mood);
      // Ten seconds later it is the same, of another minute.
      clock += 10_000;
      await moods.refresh();
      const before = screen.text().length;
      await until(() => screen.text().length > before);
      assert.equal(screen.events().length, 2);
      screen.leave();
      await until(async () => (await countWatching(url)) === 0);
    });

    it('until the server ends, which then waits for nobody', async () => {
      const url = await start();
      const screens = [await watch(url), await watch(url)];
      assert.equal(await countWatching(url), 2);
      ending.abort();
      await until(() => screens.every(({ hasEnded }) => hasEnded()));
      assert.ok(screens.every(({ answer }) => answer.complete));
      assert.equal((await watch(url)).answer.statusCode, 200);
    });

    it('until the key is revoked', async () => {
      keys.set('sun', { id: 'a', venue: 'the-sun' });
      const screen = await watch(await start({ access }), { 'x-api-key': 'sun' });
      await until(() => screen.events().length === 1);
      keys.delete('sun');
      await until(() => screen.hasEnded());
      assert.ok(screen.answer.complete);
    });

    it('by fifty screens at most', async () => {
      const url = await start();
      const screens = await Promise.all(Array.from({ length: 50 }, () => watch(url)));
      await assertProblem(await fetch(`${url}/venues/the-sun/mood/stream`), 503, 'overloaded');
      for (const screen of screens) screen.leave();
      await until(async () => (await countWatching(url)) === 0);
    });
  });

  describe('have cameras', () => {
    it('that are named to those whose venue it is, without where staff work', async () => {
      keys.set('bm_sun', { id: 'sun', venue: SUN.id });
      keys.set('bm_moon', { id: 'moon', venue: 'the-moon' });
      venues.set(SUN.id, venueSchema.parse({ ...SUN, cameras: { ...SUN.cameras, door: { name: 'At the <door>' } } }));
      const url = await start({ access });
      const ask = (key: string) => fetch(`${url}/venues/the-sun/cameras`, { headers: { 'x-api-key': key } });
      assert.deepEqual(await (await ask('bm_sun')).json(), { venue: 'the-sun', cameras: { bar: { name: null }, door: { name: 'At the <door>' } } });
      await assertProblem(await ask('bm_moon'), 403, 'other-venue');
      await assertProblem(await ask('bm_nobody'), 401, 'key-required');
    });

    it('by any name where nobody has described them, and none as long as that is not known', async () => {
      const url = await start();
      assert.deepEqual(await (await fetch(`${url}/venues/the-moon/cameras`)).json(), { venue: 'the-moon', cameras: {} });
      venues.set('the-moon', 'unknown');
      await assertProblem(await fetch(`${url}/venues/the-moon/cameras`), 503, 'venues-unknown');
    });
  });

  describe('have a notice', () => {
    it('for everybody, for programs and for people, that says nothing of where alerts go', async () => {
      const url = await start({ access });
      const address = `${url}/venues/the-sun/notice`;
      const read = async (accept: string) => fetch(address, { headers: { accept } });
      const notice = noticeSchema.parse(await (await fetch(address)).json());
      assert.deepEqual(notice.operator, { name: 'Sun Ltd', contact: 'privacy@sun.example' });
      assert.deepEqual([notice.legalBasis, notice.minimumFaces, notice.staffAreas], ['Legitimate interest', 2, 1]);
      assert.deepEqual(notice.alerts, [{ emotion: 'angry', shareAbove: 0.3, forSeconds: 60 }]);
      assert.ok(notice.legal.some(({ article }) => article === 'Article 50(3)'));
      const page = await (await read('text/html,application/xhtml+xml,*/*;q=0.8')).text();
      assert.match(page, /<h1>The &lt;Sun&gt; &amp; Co: /);
      assert.match(page, /privacy@sun\.example/);
      assert.match(page, /Legitimate interest/);
      const text = await (await read('text/plain')).text();
      assert.match(text, /^The <Sun> & Co: /);
      for (const form of [JSON.stringify(notice), page, text]) assert.ok(!form.includes('secret-path'));
    });

    it('only where somebody has said who operates them', async () => {
      const url = await start();
      await assertProblem(await fetch(`${url}/venues/the-moon/notice`), 404, 'not-found');
    });
  });
});
