import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import type { TestApi } from '../support/api.ts';
import { NO_FACES, startTestApi } from '../support/api.ts';
import { toPhoto } from '../support/images.ts';

const CHROME = process.env['CHROME'] ?? '/usr/bin/chromium';

describe('the files of the pages', () => {
  let api: TestApi;

  before(async () => {
    api = await startTestApi({ answer: 'happy' });
  });

  after(() => api.close());

  it('hold no inline script, style or handler, which the policy forbids', async () => {
    for (const path of ['/', '/docs']) {
      const html = await (await fetch(`${api.url}${path}`)).text();
      assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    }
  });

  it('ask no other server for anything', async () => {
    for (const path of ['/', '/docs', '/web/page.js', '/web/docs.js', '/web/style.css', '/web/docs.css']) {
      const text = await (await fetch(`${api.url}${path}`)).text();
      assert.doesNotMatch(text, /(?:src|import|fetch\(|url\()[^\n]{0,10}https?:/);
    }
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

describe('the pages in a browser', function () {
  let browser: Browser;
  let api: TestApi;
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    if (!existsSync(CHROME)) {
      console.log(`      There is no browser at ${CHROME}; name one in CHROME to run these.`);
      this.skip();
    }
    browser = await chromium.launch({ executablePath: CHROME });
  });

  beforeEach(async () => {
    api = await startTestApi({ answer: 'fearful' });
    complaints.length = 0;
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4|status of 5/.test(message.text())) complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(api.url)) complaints.push(`asked ${request.url()}`);
    });
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
    const bars = await page.locator('.bar').allInnerTexts();
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
    await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('#confusion img, #curves img')].filter(({ src }) => src.startsWith('blob:')).length === 2);
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Sad' }).waitFor();
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
    assert.deepEqual(complaints, []);
  });

  it('frame each face in the picture, and list it under the number of its frame', async () => {
    const seen = [{ box: { x: 10, y: 12, width: 24, height: 32 }, score: 0.9 }, { box: { x: 90, y: 20, width: 30, height: 40 }, score: 0.9 }];
    const withFaces = await startTestApi({ answer: 'sad', detector: { ...NO_FACES, detect: () => Promise.resolve(seen) } });
    try {
      complaints.length = 0;
      await page.goto(withFaces.url);
      await choose(await toPhoto().jpeg().toBuffer());
      await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
      assert.equal(await page.locator('#tally').innerText(), '2 sad');
      assert.deepEqual(await page.locator('#boxes text').allTextContents(), ['1', '2']);
      assert.deepEqual((await page.locator('#faces li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim()), ['Sad 70 %', 'Sad 70 %']);
      // Frames lie on the picture: the second one's left edge at three quarters of its width.
      const [photo, frame] = [await page.locator('#boxes').boundingBox(), await page.locator('#boxes rect:not(.badge)').nth(1).boundingBox()];
      const scale = Math.min(photo!.width / 120, photo!.height / 80);
      assert.ok(Math.abs(frame!.x - (photo!.x + photo!.width / 2 + (90 - 60) * scale)) < 3);
      assert.equal(await page.locator('#seen').isVisible(), false);
      assert.deepEqual(complaints.filter((complaint) => !complaint.includes(withFaces.url)), []);
    } finally {
      await withFaces.close();
    }
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
    assert.equal(await page.locator('#model img').count(), 2);
    api.versions.publish('sad');
    await api.models.refresh();
    await choose(await toPhoto().jpeg().toBuffer());
    await page.locator('#answer', { hasText: 'Sad' }).waitFor();
    await page.locator('#facts div', { hasText: 'Version' }).locator('dd', { hasText: /^2/ }).waitFor();
    assert.deepEqual(complaints, []);
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

  it('describe the API without the internet', async () => {
    await page.goto(`${api.url}/docs`);
    await page.locator('.opblock-summary-path', { hasText: '/predict' }).waitFor();
    assert.ok((await page.locator('.opblock').count()) >= 7);
    await page.locator('.opblock-summary', { hasText: '/readyz' }).click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table', { hasText: '"status": "ready"' }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
