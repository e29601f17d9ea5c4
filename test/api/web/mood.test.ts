import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { KeyHolder } from '../../../api/key-ring.ts';
import { createMoodKeeper } from '../../../api/mood-keeper.ts';
import type { MoodKeeper } from '../../../api/mood-keeper.ts';
import type { MoodAnswer } from '../../../api/venue-answers.ts';
import { toPerEmotion } from '../../../domain/emotion.ts';
import type { Emotion } from '../../../domain/emotion.ts';
import type { FaceDetector } from '../../../domain/face.ts';
import type { Venue } from '../../../domain/venue.ts';
import { venueSchema } from '../../../domain/venue.ts';
import type { TestApi, TestApiOptions } from '../../support/api.ts';
import { createTestLogger, startTestApi } from '../../support/api.ts';
import { launchBrowser, openPage, toRead, watchPage } from '../../support/browser.ts';
import type { MoodFront } from '../../support/mood-front.ts';
import { startMoodFront } from '../../support/mood-front.ts';
import { createMemoryMoodStore, toFaces } from '../../support/moods.ts';
import { until } from '../../support/until.ts';

const NOON = Date.parse('2026-11-28T12:00:00Z');
const SUN = venueSchema.parse({ id: 'the-sun', name: 'The Sun', operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' } });

const FIVE_FACES: FaceDetector = {
  largestSide: 512,
  detect: ({ width, height }) => Promise.resolve([0.1, 0.3, 0.5, 0.7, 0.9].map((x) => ({ box: { x: x * width - 20, y: height / 2 - 25, width: 40, height: 50 }, score: 0.9 }))),
  close: () => Promise.resolve(),
};

describe('the mood of a venue on the page', () => {
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let clock: number;
  let moods: MoodKeeper;
  let api: TestApi;

  before(async function () {
    browser = await launchBrowser(this, ['--use-fake-device-for-media-stream']);
  });

  beforeEach(async () => {
    clock = NOON;
    moods = createMoodKeeper({ store: createMemoryMoodStore(), minimumFacesOf: () => SUN.minimumFaces, logger: createTestLogger().logger, pollMs: 3_600_000, now: () => clock });
    page = await openPage(browser, { permissions: ['camera'], timezoneId: 'UTC' });
    complaints = watchPage(page);
  });

  afterEach(async () => {
    await page.close();
    await (api as TestApi | undefined)?.close();
    await moods.close();
  });

  after(async () => {
    await (browser as Browser | undefined)?.close();
  });

  async function open(options: TestApiOptions = {}): Promise<void> {
    api = await startTestApi({ answer: 'happy', detector: FIVE_FACES, moods, venues: { find: (id) => (id === SUN.id ? SUN : null) }, streamPace: { periodMs: 10, heartbeatMs: 50 }, ...options });
    await page.goto(api.url);
  }

  async function watch(venue: string = SUN.id): Promise<void> {
    await page.getByRole('textbox', { name: 'Venue' }).fill(venue);
    await page.keyboard.press('Enter');
  }

  async function live(): Promise<void> {
    await page.locator('#mood-state', { hasText: 'Live' }).waitFor();
  }

  /** Faces seen a while ago, so that all processes would have said theirs by now. */
  async function see(camera: string, count: number, emotion: Emotion): Promise<void> {
    moods.record({ venue: SUN.id, camera }, toFaces(count, emotion));
    clock += 16_000;
    await moods.refresh();
  }

  it('is shown as the API tells it, and anew as soon as it is another', async () => {
    await open();
    await see('bar', 6, 'happy');
    await watch();
    await page.locator('#mood-answer', { hasText: 'Happy' }).waitFor();
    await live();
    assert.match(await page.locator('#mood-basis').innerText(), /^6 faces in 1 image;/);
    assert.deepEqual((await page.locator('#mood-bars dd:not(.track)').allInnerTexts()).map(toRead), ['100.0 %', '0.0 %', '0.0 %', '0.0 %']);
    await see('door', 9, 'angry');
    await page.locator('#mood-answer', { hasText: 'Angry' }).waitFor();
    assert.deepEqual(await page.locator('#mood-cameras li').allInnerTexts().then((texts) => texts.map((text) => text.trim())), ['bar happy, 6 faces', 'door angry, 9 faces']);
    assert.equal(await page.locator('#mood-chart g').count(), 60);
    assert.deepEqual(complaints, []);
  });

  it('is not shown, which is said plainly, where too few faces were seen at a time', async () => {
    await open();
    await see('bar', 4, 'happy');
    await see('bar', 4, 'happy');
    await watch();
    await page.locator('#mood-basis', { hasText: 'fewer than 5 faces were seen at a time' }).waitFor();
    assert.equal(await page.locator('#mood-answer').innerText(), 'Too few faces');
    assert.deepEqual(await page.locator('#mood-bars dd:not(.track)').allInnerTexts(), ['–', '–', '–', '–']);
  });

  it('is that of what this page\'s camera sees, where that is wanted; and the page says so', async () => {
    await open();
    await page.getByRole('textbox', { name: 'Venue' }).fill(SUN.id);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#camera-note', { hasText: 'Nothing is recorded' }).waitFor();
    await page.waitForResponse('**/predict');
    await page.waitForResponse('**/predict');
    clock += 16_000;
    await moods.refresh();
    assert.equal(moods.now(SUN.id).now, null);

    await page.getByLabel('Count what the camera above sees').check();
    await page.locator('#camera-note', { hasText: 'counted into the mood of the-sun' }).waitFor();
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    clock += 16_000;
    await moods.refresh();
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.locator('#mood-cameras', { hasText: 'page happy' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('is added to as one of the cameras that the venue describes, which can be chosen from', async () => {
    const described = venueSchema.parse({ ...SUN, cameras: { bar: { name: 'Over the bar' }, door: {} } });
    await open({ venues: { find: () => described } });
    const statuses: number[] = [];
    page.on('response', (response) => statuses.push(response.status()));
    await page.getByRole('textbox', { name: 'Venue' }).fill(SUN.id);
    await page.getByLabel('Count what the camera above sees').check();
    const choice = page.getByRole('combobox', { name: 'as the camera' });
    await choice.waitFor();
    assert.deepEqual(await choice.locator('option').allInnerTexts(), ['choose one', 'Over the bar (bar)', 'door']);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#camera-note', { hasText: 'say below in which venue, and as which of its cameras' }).waitFor();
    await page.locator('#kicker', { hasText: /5 faces/i }).waitFor();

    await choice.selectOption('door');
    await page.locator('#camera-note', { hasText: 'counted into the mood of the-sun' }).waitFor();
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    clock += 16_000;
    await moods.refresh();
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.locator('#mood-cameras', { hasText: 'door happy' }).waitFor();
    assert.deepEqual(statuses.filter((status) => status >= 400 && status !== 404), []);
    assert.deepEqual(complaints, []);
  });

  it('is added to as the only camera that the venue describes, and by any name in a venue that describes none', async () => {
    const described = venueSchema.parse({ ...SUN, cameras: { bar: {} } });
    await open({ venues: { find: (id) => (id === SUN.id ? described : null) } });
    const venue = page.getByRole('textbox', { name: 'Venue' });
    await page.getByLabel('Count what the camera above sees').check();
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#camera-note', { hasText: 'say below in which venue' }).waitFor();
    await venue.fill(SUN.id);
    await venue.blur();
    await page.locator('#camera-note', { hasText: 'counted into the mood of the-sun' }).waitFor();
    assert.equal(await page.getByRole('combobox', { name: 'as the camera' }).inputValue(), 'bar');

    await venue.fill('the-moon');
    await venue.blur();
    await page.locator('#camera-note', { hasText: 'counted into the mood of the-moon' }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'as the camera' }).inputValue(), 'page');
    assert.equal(await page.locator('#problem').isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  it('is added to as soon as it is known which cameras there are', async () => {
    let found: Venue | 'unknown' = 'unknown';
    await open({ venues: { find: () => found } });
    await page.clock.install();
    await page.getByRole('textbox', { name: 'Venue' }).fill(SUN.id);
    const refused = page.waitForResponse((response) => response.url().endsWith('/cameras') && response.status() === 503);
    await page.getByLabel('Count what the camera above sees').check();
    await refused;
    found = venueSchema.parse({ ...SUN, cameras: { bar: {} } });
    await until(async () => {
      await page.clock.runFor(10_000);
      return page.getByRole('combobox', { name: 'as the camera' }).isVisible();
    });
    assert.deepEqual(complaints, []);
  });

  it('is kept from those whose key is another venue\'s, and asked for no more; and shown to those whose it is', async () => {
    const keys = new Map<string, KeyHolder>([['bm_moon', { id: 'moon', venue: 'the-moon' }], ['bm_sun', { id: 'sun', venue: SUN.id }]]);
    await open({ access: { open: 'never', keys: { knowledge: () => 'some', findHolder: (key) => keys.get(key) ?? null } } });
    await watch();
    await page.locator('#mood-problem', { hasText: 'needs a key' }).waitFor();
    const key = page.getByLabel('This API answers those who have a key');
    await key.fill('bm_moon');
    await page.keyboard.press('Tab');
    await page.locator('#mood-problem', { hasText: 'another venue' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Watch', exact: true }).isVisible(), true);
    await key.fill('bm_sun');
    await page.keyboard.press('Tab');
    await live();

    keys.delete('bm_sun');
    await page.locator('#mood-problem', { hasText: 'needs a key' }).waitFor();
    assert.equal(await page.locator('#mood-board').isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  it('is watched at once where the address names the venue', async () => {
    await open();
    await watch();
    await live();
    assert.equal(new URL(page.url()).searchParams.get('venue'), SUN.id);
    await page.reload();
    await live();
    assert.deepEqual(complaints, []);
  });

  it('comes with what people there are told, where the operator has said it', async () => {
    await open();
    await watch();
    await page.getByRole('link', { name: 'What people there are told' }).click();
    await page.getByText('privacy@sun.example').first().waitFor();
    await page.goBack();
    await watch('the-moon');
    await live();
    assert.equal(await page.getByRole('link', { name: 'What people there are told' }).isVisible(), false);
  });

  describe('seen from far away', () => {
    let front: MoodFront;

    beforeEach(async () => {
      await open();
      front = await startMoodFront(api.url);
      front.say(toMood('happy'));
      await page.goto(front.url);
    });

    afterEach(() => front.close());

    it('has a column and a row for each minute of the last hour of which anything is said', async () => {
      await watch();
      await page.locator('#mood-chart svg').waitFor();
      assert.equal(await page.locator('#mood-chart g.untold').count(), 30);
      assert.equal(toRead((await page.locator('#mood-chart g').last().locator('title').textContent())!), '11:59: 59 faces, 60 % happy, 10 % sad, 10 % angry, 10 % fearful, 10 % uncertain');
      const heights = await page.locator('#mood-chart g:last-child rect').evaluateAll((parts) => parts.map((part) => Number(part.getAttribute('height'))));
      assert.ok(Math.abs(heights.reduce((sum, height) => sum + height, 0) - 100) < 1e-6);
      await page.getByText('The same as a table').click();
      assert.equal(await page.locator('#mood-rows tr').count(), 30);
      assert.deepEqual((await page.locator('#mood-rows tr').first().locator('th, td').allInnerTexts()).map(toRead), ['11:59', '59', '60 %', '10 %', '10 %', '10 %', '10 %']);
      assert.deepEqual(complaints, []);
    });

    it('comes back by itself when the connection was lost, and what was known stays in sight', async () => {
      await watch();
      await live();
      front.say(null);
      await page.locator('#mood-state', { hasText: 'The connection was lost' }).waitFor();
      assert.equal(await page.locator('#mood-answer').innerText(), 'Happy');
      front.say(toMood('sad'));
      await page.locator('#mood-answer', { hasText: 'Sad' }).waitFor();
      await live();
    });

    it('takes a connection that falls silent for a lost one', async () => {
      await page.clock.install();
      await watch();
      await live();
      const toStreams = () => front.asked.filter(({ url }) => url!.endsWith('/stream')).length;
      assert.equal(toStreams(), 1);
      await page.clock.runFor(45_000);
      await until(() => toStreams() === 2);
      await live();
    });

    it('is no longer asked for when nobody wants to watch', async () => {
      await watch();
      await live();
      await page.getByRole('button', { name: 'Stop watching' }).click();
      await until(() => front.openStreams() === 0);
      assert.equal(await page.locator('#mood-board').isVisible(), false);
      assert.deepEqual(complaints, []);
    });
  });
});

/** An hour in whose first half nobody was there. */
function toMood(emotion: Emotion): MoodAnswer {
  const toReading = (faces: number) => {
    const shares = toPerEmotion((each) => (each === emotion ? 0.6 : 0.1));
    return { faces, images: 6, emotion, probabilities: shares, shares };
  };
  const series = Array.from({ length: 60 }, (_, minute) => ({
    at: new Date(NOON + (minute - 60) * 60_000).toISOString(),
    seconds: 60 as const,
    reading: minute < 30 ? null : toReading(minute),
  }));
  const now = toReading(10);
  return { venue: SUN.id, at: new Date(NOON).toISOString(), minimumFaces: 5, now, series, cameras: { bar: { now }, door: { now: null } } };
}
