import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { loadFaceDetector } from '../../../adapters/onnx/face-detector.ts';
import type { FaceDetector } from '../../../domain/face.ts';
import type { TestApi } from '../../support/api.ts';
import { startTestApi } from '../../support/api.ts';
import { launchBrowser, openPage, watchPage } from '../../support/browser.ts';
import { drawScene } from '../../support/scenes.ts';

const PLACES = [
  { left: 60, top: 80, side: 200 },
  { left: 360, top: 120, side: 200 },
];

/** Asked for by the test in a moment, and answered only then. */
interface HeldRequest {
  letGo(): void;
}

describe('the camera on the page', () => {
  let folder: string;
  let browser: Browser;
  let detector: FaceDetector;
  let api: TestApi;
  let page: Page;
  let complaints: string[];

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'barometer-camera-'));
    const film = join(folder, 'faces.mjpeg');
    await writeFile(film, await sharp(await drawScene({ width: 640, height: 480 }, PLACES)).jpeg({ quality: 95 }).toBuffer());
    browser = await launchBrowser(this, ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`]);
    detector = await loadFaceDetector();
  });

  beforeEach(async () => {
    api = await startTestApi({ answer: 'happy', detector });
    page = await openPage(browser, { permissions: ['camera'] });
    complaints = watchPage(page);
    await page.goto(api.url);
  });

  afterEach(async () => {
    await page.close();
    await api.close();
  });

  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (detector as FaceDetector | undefined)?.close();
    await rm(folder, { recursive: true });
  });

  /** From now on each prediction waits for the test. */
  async function holdPredictions(): Promise<{ next(): Promise<HeldRequest>; count(): number }> {
    const waiting: HeldRequest[] = [];
    let takers: ((held: HeldRequest) => void)[] = [];
    let asked = 0;
    await page.route('**/predict', async (route) => {
      asked += 1;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const held = { letGo: () => resolve(undefined) };
      const taker = takers.shift();
      if (taker === undefined) waiting.push(held);
      else taker(held);
      await promise;
      await route.continue().catch(() => undefined);
    });
    return {
      next: () => {
        const held = waiting.shift();
        return held === undefined ? new Promise((resolve) => (takers = [...takers, resolve])) : Promise.resolve(held);
      },
      count: () => asked,
    };
  }

  function isCameraOn(): Promise<boolean> {
    return page.evaluate(() => document.querySelector('video')!.srcObject !== null);
  }

  it('frames the faces that it sees, again and again, until it is stopped', async () => {
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
    assert.equal(await page.locator('#answer').innerText(), 'Happy');
    assert.equal(await page.locator('#tally').innerText(), '2 happy');
    assert.deepEqual(await page.locator('#boxes text').allTextContents(), ['1', '2']);
    assert.match(await page.locator('#camera-note').innerText(), /Nothing is recorded/);
    await page.waitForResponse('**/predict');
    await page.waitForResponse('**/predict');

    await page.getByRole('button', { name: 'Stop the camera' }).click();
    await page.locator('#answer', { hasText: 'Camera stopped' }).waitFor();
    assert.equal(await isCameraOn(), false);
    assert.equal(await page.locator('#boxes *').count(), 0);
    assert.equal(await page.locator('#faces canvas').count(), 0);
    assert.equal(await page.locator('#drop').isVisible(), true);
    assert.deepEqual(complaints, []);
  });

  it('never asks about two frames at a time, and forgets the answer that comes when it is stopped', async () => {
    const predictions = await holdPredictions();
    await page.clock.install();
    await page.getByRole('button', { name: 'Use the camera' }).click();
    const first = await predictions.next();
    await page.clock.runFor(30_000);
    assert.equal(predictions.count(), 1);
    // Whatever it shows: a camera's first picture may be dark.
    const answered = page.waitForResponse('**/predict');
    first.letGo();
    await answered;
    const second = await predictions.next();
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    second.letGo();
    await page.clock.runFor(30_000);
    assert.equal(predictions.count(), 2);
    assert.equal(await page.locator('#answer').innerText(), 'Camera stopped');
    assert.deepEqual(complaints, []);
  });

  it('waits as long as a busy server says before it asks again', async () => {
    await page.clock.install();
    let asked = 0;
    await page.route('**/predict', (route) => {
      asked += 1;
      if (asked > 1) return route.continue();
      const problem = { type: 'urn:barometer:problem:overloaded', title: 'Service Unavailable', status: 503, detail: 'Too much at once.', kind: 'overloaded', requestId: 'r-1' };
      return route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'retry-after': '20' }, body: JSON.stringify(problem) });
    });
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#problem', { hasText: 'Too much at once.' }).waitFor();
    assert.match(await page.locator('#problem small').innerText(), /r-1/);
    await page.clock.runFor(18_000);
    assert.equal(asked, 1);
    await page.clock.runFor(3_000);
    await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
    assert.equal(await page.locator('#problem').isVisible(), false);
  });

  it('is stopped by a picture that is handed in, which is then answered', async () => {
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
    await page.setInputFiles('#file', { name: 'one.png', mimeType: 'image/png', buffer: await drawScene({ width: 320, height: 240 }, [{ left: 60, top: 20, side: 200 }]) });
    await page.locator('#kicker', { hasText: /1 face/i }).waitFor();
    assert.equal(await isCameraOn(), false);
    assert.equal(await page.locator('#photo').isVisible(), true);
    assert.deepEqual(complaints, []);
  });

  it('says why it can\'t be had, and can be tried again', async () => {
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#camera-note', { hasText: 'not to give the camera' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Use the camera' }).isVisible(), true);
    assert.deepEqual(complaints, []);
  });

  it('says so when it is taken away', async () => {
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
    await page.evaluate(() => {
      const [track] = (document.querySelector('video')!.srcObject as MediaStream).getVideoTracks();
      track!.dispatchEvent(new Event('ended'));
    });
    await page.locator('#camera-note', { hasText: 'The camera has ended.' }).waitFor();
    assert.equal(await isCameraOn(), false);
  });

  it('is started and stopped with the keyboard alone', async () => {
    await page.getByRole('button', { name: 'Use the camera' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#kicker', { hasText: /2 faces/i }).waitFor();
    await page.keyboard.press('Space');
    await page.locator('#answer', { hasText: 'Camera stopped' }).waitFor();
  });
});
