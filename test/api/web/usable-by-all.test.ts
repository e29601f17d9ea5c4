import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { loadFaceDetector } from '../../../adapters/onnx/face-detector.ts';
import { createMoodKeeper } from '../../../api/mood-keeper.ts';
import type { MoodKeeper } from '../../../api/mood-keeper.ts';
import type { FaceDetector } from '../../../domain/face.ts';
import { venueSchema } from '../../../domain/venue.ts';
import type { TestApi } from '../../support/api.ts';
import { createTestLogger, startTestApi } from '../../support/api.ts';
import { launchBrowser, openPage } from '../../support/browser.ts';
import { createMemoryMoodStore, toFaces } from '../../support/moods.ts';
import { drawScene } from '../../support/scenes.ts';
import { changeCard, ROBUSTNESS } from '../../support/shown-card.ts';

/** The rules of WCAG 2.2, levels A and AA, as far as a program can tell, and what is good practice beside them. */
const RULES: RunOptions = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const SUN = venueSchema.parse({ id: 'the-sun', name: 'The Sun', operator: { name: 'Sun Ltd', contact: 'privacy@sun.example' }, cameras: { bar: { name: 'Over the bar' }, door: {} } });

const PHONE = { width: 375, height: 740 };

const WAYS_OF_LOOKING: Readonly<Record<string, BrowserContextOptions>> = {
  'in the light': { colorScheme: 'light' },
  'in the dark': { colorScheme: 'dark' },
  'on a phone': { colorScheme: 'light', viewport: PHONE },
  'on a phone in the dark': { colorScheme: 'dark', viewport: PHONE },
};

describe('the page for everybody', () => {
  let browser: Browser;
  let detector: FaceDetector;
  let scene: Buffer;
  let moods: MoodKeeper;
  let api: TestApi;

  before(async function () {
    browser = await launchBrowser(this);
    detector = await loadFaceDetector();
    scene = await drawScene({ width: 640, height: 480 }, [{ left: 60, top: 80, side: 200 }, { left: 360, top: 120, side: 200 }]);
    let clock = Date.parse('2026-11-28T12:00:00Z');
    moods = createMoodKeeper({ store: createMemoryMoodStore(), minimumFacesOf: () => 5, logger: createTestLogger().logger, pollMs: 3_600_000, now: () => clock });
    await moods.refresh();
    moods.record({ venue: 'the-sun', camera: 'bar' }, toFaces(8, 'sad'));
    clock += 16_000;
    await moods.refresh();
    api = await startTestApi({ answer: 'happy', detector, moods, venues: { find: (id) => (id === SUN.id ? SUN : null) } });
  });

  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (api as TestApi | undefined)?.close();
    await (moods as MoodKeeper | undefined)?.close();
    await (detector as FaceDetector | undefined)?.close();
  });

  /** With a picture that is answered, a mood, and the model's card: all that the page shows at once. */
  async function openAnswered(options: BrowserContextOptions): Promise<Page> {
    // Colours that are on their way from one to another are none to judge.
    const page = await openPage(browser, { ...options, reducedMotion: 'reduce' });
    await changeCard(page, { robustness: ROBUSTNESS });
    await page.goto(`${api.url}/?venue=the-sun`);
    await page.locator('#card').waitFor();
    await page.locator('#mood-chart svg').waitFor();
    await page.locator('#mood-answer', { hasText: 'Sad' }).waitFor();
    // Not by a click, from which the keyboard would go on.
    await page.locator('#mood-table').evaluate((details: HTMLDetailsElement) => (details.open = true));
    await page.locator('#count-in').evaluate((tick: HTMLInputElement) => tick.click());
    await page.getByRole('combobox', { name: 'as the camera' }).waitFor();
    await page.setInputFiles('#file', { name: 'faces.png', mimeType: 'image/png', buffer: scene });
    await page.locator('#faces li').nth(1).waitFor();
    return page;
  }

  /** What is against the rules, and where. */
  async function findFaults(page: Page): Promise<string[]> {
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate((rules) => (window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(rules), RULES);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any.map(({ message }) => message).join('; ')}`));
  }

  for (const [name, options] of Object.entries(WAYS_OF_LOOKING)) {
    it(`has names, order and contrast that the rules ask for, ${name}`, async () => {
      const page = await openAnswered(options);
      try {
        assert.deepEqual(await findFaults(page), []);
      } finally {
        await page.close();
      }
    });

    it(`has them also when it must say that something is wrong, ${name}`, async () => {
      const page = await openAnswered(options);
      try {
        await page.setInputFiles('#file', { name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
        await page.locator('#problem').waitFor();
        await page.getByRole('textbox', { name: 'Venue' }).fill('nobody');
        await page.keyboard.press('Enter');
        await page.locator('#mood-answer', { hasText: 'Too few faces' }).waitFor();
        await page.evaluate(() => {
          document.getElementById('key-row')!.hidden = false;
        });
        assert.deepEqual(await findFaults(page), []);
      } finally {
        await page.close();
      }
    });

    it(`has them where it says what happens to pictures, which never needs to be moved sideways, ${name}`, async () => {
      const page = await openPage(browser, { ...options, reducedMotion: 'reduce' });
      try {
        await page.goto(`${api.url}/privacy`);
        assert.deepEqual(await findFaults(page), []);
        const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
        assert.equal(scrollWidth, clientWidth);
      } finally {
        await page.close();
      }
    });
  }

  it('never needs to be moved sideways on a phone', async () => {
    const page = await openAnswered({ viewport: PHONE });
    try {
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      assert.equal(scrollWidth, clientWidth);
      const [brand, links] = [(await page.locator('.brand').boundingBox())!, (await page.locator('.masthead nav').boundingBox())!];
      assert.ok(brand.x + brand.width + 10 <= links.x || brand.y + brand.height <= links.y, 'the links keep apart from the name');
      assert.ok(links.height < 40, 'the links stand in one line');
    } finally {
      await page.close();
    }
  });

  it('shows where the keyboard is, at every stop', async () => {
    const page = await openAnswered({});
    try {
      const stops: string[] = [];
      for (;;) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
          const active = document.activeElement!;
          const marked = active.id === 'file' ? active.closest('label')! : active;
          const { outlineStyle, outlineWidth } = getComputedStyle(marked);
          return { name: active.id || active.textContent, isEnd: active === document.body, isMarked: outlineStyle !== 'none' && outlineWidth !== '0px' };
        });
        if (stop.isEnd || stops.includes(stop.name)) break;
        assert.ok(stop.isMarked, stop.name);
        stops.push(stop.name);
      }
      for (const id of ['file', 'camera', 'faces', 'venue', 'watch-button', 'count-in', 'camera-choice']) assert.ok(stops.includes(id), `${id} in ${stops.join(', ')}`);
    } finally {
      await page.close();
    }
  });

  it('keeps still for those who want that', async () => {
    const page = await openAnswered({});
    try {
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
      const motions = await page.evaluate(() => [...document.querySelectorAll('*')].map((each) => getComputedStyle(each)).filter(({ animationName, transitionDuration }) => animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration)).length);
      assert.equal(motions, 0);
    } finally {
      await page.close();
    }
  });
});
