import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Confidence } from '../../../domain/confidence.ts';
import { DISTURBANCES } from '../../../domain/robustness.ts';
import type { TestApi } from '../../support/api.ts';
import { NO_FACES, startTestApi } from '../../support/api.ts';
import { launchBrowser, openPage, toRead, watchPage } from '../../support/browser.ts';
import { toPhoto } from '../../support/images.ts';
import { fakeLandmarks, toLandmarks } from '../../support/landmarks.ts';
import { changeCard, ROBUSTNESS } from '../../support/shown-card.ts';

const WEB = fileURLToPath(new URL('../../../api/web/', import.meta.url));

describe('the files of the pages', () => {
  let api: TestApi;

  before(async () => {
    api = await startTestApi({ answer: 'happy' });
  });

  after(() => api.close());

  it('hold no inline script, style or handler, which the policy forbids', async () => {
    for (const path of ['/', '/docs', '/privacy']) {
      const html = await (await fetch(`${api.url}${path}`)).text();
      assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    }
  });

  it('ask no other server for anything', async () => {
    const names = (await readdir(WEB, { recursive: true })).filter((name) => /\.(ts|js|css)$/.test(name));
    assert.ok(names.length > 15);
    for (const path of ['/', '/docs', '/privacy', ...names.map((name) => `/web/${name}`)]) {
      const answer = await fetch(`${api.url}${path}`);
      assert.equal(answer.status, 200, path);
      const text = await answer.text();
      assert.doesNotMatch(text, /(?:src|import|fetch\(|url\()[^\n]{0,10}https?:/);
    }
  });

  it('are modules that a browser can run: scripts by their type, without types in them', async () => {
    const answer = await fetch(`${api.url}/web/page/dom.ts`);
    assert.match(answer.headers.get('content-type')!, /^text\/javascript/);
    const text = await answer.text();
    assert.doesNotMatch(text, /id: string/);
    assert.match(text, /export function find/);
  });

  it('let the page itself use the camera, and nobody else', async () => {
    assert.match((await fetch(api.url)).headers.get('permissions-policy')!, /camera=\(self\), microphone=\(\)/);
  });

  it('are sent compressed to who can read that, and not at all to who has them', async () => {
    const path = `${api.url}/web/swagger-ui-bundle.js`;
    const plain = await fetch(path, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    const packed = await fetch(path, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.deepEqual(Buffer.from(await packed.arrayBuffer()), Buffer.from(await plain.arrayBuffer()));
    const again = await fetch(path, { headers: { 'if-none-match': packed.headers.get('etag')!, 'cache-control': 'max-age=0' } });
    assert.equal(again.status, 304);
  });

  it('are found at /docs/ too', async () => {
    assert.equal((await fetch(`${api.url}/docs/`)).status, 200);
  });
});

describe('the pages in a browser', () => {
  let browser: Browser;
  let api: TestApi;
  let page: Page;
  let complaints: string[];

  before(async function () {
    browser = await launchBrowser(this);
  });

  beforeEach(async () => {
    api = await startTestApi({ answer: 'fearful' });
    page = await openPage(browser);
    complaints = watchPage(page);
  });

  afterEach(async () => {
    await page.close();
    await api.close();
  });

  after(async () => {
    await (browser as Browser | undefined)?.close();
  });

  async function choose(bytes: Uint8Array): Promise<void> {
    await page.setInputFiles('#file', { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) });
  }

  it('show a bar for each emotion of a picture that is chosen', async () => {
    await page.goto(api.url);
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Fearful' }).waitFor();
    const bars = await page.locator('#bars .bar').allInnerTexts();
    assert.deepEqual(bars.map((bar) => bar.replace(/\s+/g, ' ').trim()), ['Happy 10.0 %', 'Sad 10.0 %', 'Angry 10.0 %', 'Fearful 70.0 %']);
    await page.locator('#photo').waitFor({ state: 'visible' });
    assert.match(await page.locator('#answered').innerText(), /120 × 80 pixels, answered by emotions-cnn version 1/);
    assert.deepEqual(complaints, []);
  });

  it('ask for a key where one is wanted, and then show and answer as ever', async () => {
    await api.close();
    const key = `bm_0123456789ab_${'x'.repeat(43)}`;
    api = await startTestApi({ answer: 'sad', access: { open: 'never', keys: { knowledge: () => 'some', findHolder: (given) => (given === key ? { id: '0123456789ab', venue: 'the-sun' } : null) } } });
    await page.goto(api.url);
    await page.getByLabel('This API answers those who have a key').waitFor();
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#problem', { hasText: 'needs a key' }).waitFor();
    await page.getByLabel('This API answers those who have a key').fill(key);
    await page.keyboard.press('Tab');
    await page.locator('#card').waitFor({ state: 'visible' });
    await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('#confusion img, #reliability img, #curves img')].filter(({ src }) => src.startsWith('blob:')).length === 3);
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Sad' }).waitFor();
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
    assert.deepEqual(complaints, []);
  });

  it('frame each face in the picture, and list it under the number of its frame', async () => {
    const seen = [{ box: { x: 10, y: 12, width: 24, height: 32 }, score: 0.9 }, { box: { x: 90, y: 20, width: 30, height: 40 }, score: 0.9 }];
    const withFaces = await startTestApi({ answer: 'sad', detector: { ...NO_FACES, detect: () => Promise.resolve(seen) }, landmarks: { ...fakeLandmarks(), find: () => Promise.resolve([toLandmarks(0), toLandmarks(0.6)]) } });
    try {
      await page.goto(withFaces.url);
      await choose(await toPhoto().jpeg().toBuffer());
      await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
      assert.equal(await page.locator('#tally').innerText(), '2 sad');
      assert.deepEqual(await page.locator('#boxes text').allTextContents(), ['1', '2']);
      assert.deepEqual((await page.locator('#faces li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim()), ['Sad 70 %', 'Sad 70 % turned']);
      // Frames lie on the picture: the second one's left edge at three quarters of its width.
      const [photo, frame] = [await page.locator('#boxes').boundingBox(), await page.locator('#boxes rect:not(.badge)').nth(1).boundingBox()];
      const scale = Math.min(photo!.width / 120, photo!.height / 80);
      assert.ok(Math.abs(frame!.x - (photo!.x + photo!.width / 2 + (90 - 60) * scale)) < 3);
      assert.equal(await page.locator('#seen').isVisible(), false);
      assert.deepEqual(complaints, []);
    } finally {
      await withFaces.close();
    }
  });

  it('name no expression where the model is not sure enough', async () => {
    api.versions.publish('sad', { uncertainBelow: 0.71 });
    await api.models.refresh();
    await page.goto(api.url);
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Uncertain' }).waitFor();
    assert.match(toRead(await page.locator('#kicker').innerText()), /70\.0 % sure at most/i);
    assert.equal(await page.locator('#bars .bar.likeliest').count(), 0);
    assert.deepEqual(complaints, []);
  });

  it('take a picture that is dropped', async () => {
    await page.goto(api.url);
    const photo = [...(await toPhoto().png().toBuffer())];
    const transfer = await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], 'photo.png', { type: 'image/png' }));
      return data;
    }, photo);
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
    await page.locator('#answer', { hasText: 'Fearful' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('take a picture that is pasted', async () => {
    await page.goto(api.url);
    const photo = [...(await toPhoto().png().toBuffer())];
    await page.evaluate((bytes) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([Uint8Array.from(bytes)], 'image.png', { type: 'image/png' }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, photo);
    await page.locator('#answer', { hasText: 'Fearful' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('say why a file got no answer, and take the next one', async () => {
    await page.goto(api.url);
    await choose(Buffer.from('not a picture'));
    await page.locator('#problem', { hasText: 'no image that can be read' }).waitFor();
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Fearful' }).waitFor();
    assert.equal(await page.locator('#problem').isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  it('show the card of the model, and of the next one as soon as it answers', async () => {
    await page.goto(api.url);
    await page.locator('#facts', { hasText: '75.0 %' }).waitFor();
    assert.equal(await page.locator('#classes tr').count(), 4);
    assert.equal(await page.locator('#model img').count(), 3);
    api.versions.publish('sad');
    await api.models.refresh();
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Sad' }).waitFor();
    await page.locator('#facts div', { hasText: 'Version' }).locator('dd', { hasText: /^2/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('say how far the model\'s confidence can be believed, where that was measured', async () => {
    const confidence: Confidence = {
      calibrationError: 0.021,
      errorByChance: 0.012,
      bins: [{ images: 16, confidence: 0.8, accuracy: 0.75 }],
      named: { uncertainBelow: 0.55, images: 12, right: 11, precisionInterval: { lower: 0.6, upper: 0.99 } },
    };
    await changeCard(page, { confidence });
    await page.goto(api.url);
    await page.locator('#facts div', { hasText: 'Confidence is off by' }).filter({ hasText: '2.1 %' }).filter({ hasText: '1.2 % would be by chance' }).waitFor();
    await page.locator('#facts div', { hasText: 'Names one' }).filter({ hasText: '75.0 %' }).filter({ hasText: '91.7 % of those rightly; uncertain below 55.0 %' }).waitFor();
    await page.getByAltText('How often it is right, by how sure it is').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('say that the model is never uncertain where it has no threshold', async () => {
    const named = { uncertainBelow: 0, images: 16, right: 12, precisionInterval: { lower: 0.5, upper: 0.9 } };
    await changeCard(page, { confidence: { calibrationError: 0.02, errorByChance: 0.01, bins: [], named } });
    await page.goto(api.url);
    await page.locator('#facts div', { hasText: 'Names one' }).filter({ hasText: '100.0 %' }).filter({ hasText: 'of the time: it is never uncertain' }).waitFor();
  });

  it('say how often the model is right about bad pictures, where that was tried', async () => {
    await changeCard(page, { robustness: ROBUSTNESS });
    await page.goto(api.url);
    await page.getByText('Accuracy on 1,500 of the test pictures when they are made worse. As they are, 75.0 % are answered rightly.').waitFor();
    const toRows = async (table: string) => (await page.getByRole('table', { name: table }).locator('tbody tr').all()).map(async (row) => (await row.locator('th, td').allInnerTexts()).map(toRead));
    const worse = await Promise.all(await toRows('What is wrong with them'));
    assert.equal(worse.length, DISTURBANCES.length);
    assert.deepEqual(worse[0], ['Little light\nand its noise', '70 %', '55 %', '30 %']);
    assert.deepEqual(worse.at(-1), ['Hand\nbefore the mouth', '63 %', '48 %', '23 %']);
    assert.deepEqual(await Promise.all(await toRows('Faces that are far away')), [['32 pixels', '74 %'], ['24 pixels', '64 %'], ['16 pixels', '54 %'], ['12 pixels', '44 %']]);
    const [bar, cell] = [page.locator('.share').first(), page.locator('#robustness td').first()];
    assert.equal(await bar.evaluate((span) => getComputedStyle(span).getPropertyValue('--share')), '0.7');
    assert.ok((await bar.boundingBox())!.width > (await cell.boundingBox())!.width / 2);
    assert.deepEqual(complaints, []);
  });

  it('say nothing of bad pictures where that was not tried', async () => {
    await page.goto(api.url);
    await page.locator('#facts', { hasText: '75.0 %' }).waitFor();
    assert.equal(await page.locator('#robustness').isVisible(), false);
  });

  it('say that there is no model yet, and notice when there is', async () => {
    const empty = await startTestApi({ answer: null });
    try {
      await page.clock.install();
      await page.goto(empty.url);
      await page.locator('#missing').waitFor();
      empty.versions.publish('happy');
      await empty.models.refresh();
      await page.clock.runFor(6_000);
      await page.locator('#card').waitFor();
    } finally {
      await empty.close();
    }
  });

  it('can be used with the keyboard alone', async () => {
    // Waited for from the beginning: the browser takes a moment to learn that somebody wants to know.
    const chooser = page.waitForEvent('filechooser');
    await page.goto(api.url);
    await page.keyboard.press('Tab');
    for (let press = 0; press < 5; press += 1) {
      if ((await page.evaluate(() => document.activeElement?.id)) === 'file') break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await (await chooser).setFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await toPhoto().jpeg().toBuffer() });
    await page.locator('#answer', { hasText: 'Fearful' }).waitFor();
  });

  it('lead to what happens to pictures, also those who have no key', async () => {
    await api.close();
    api = await startTestApi({ access: { open: 'never' } });
    await page.goto(api.url);
    await page.getByRole('contentinfo').getByRole('link', { name: 'Privacy' }).click();
    await page.getByRole('heading', { name: 'Privacy', level: 1 }).waitFor();
    await page.getByRole('row', { name: 'Pictures and faces not at all' }).waitFor();
    await page.getByRole('link', { name: 'how often' }).click();
    await page.getByRole('heading', { name: 'The model behind it' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('describe the API without the internet', async () => {
    await page.goto(`${api.url}/docs`);
    await page.locator('[data-path="/predict"]').waitFor();
    assert.ok((await page.locator('.opblock').count()) >= 7);
    await page.locator('.opblock-summary', { hasText: '/readyz' }).click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table', { hasText: '"status": "ready"' }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
