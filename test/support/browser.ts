import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ensureDebianPackages } from './debian-packages.ts';

const INSTALLED = '/usr/bin/chromium';
/** For what a page is expected to do: a busy machine may take long to draw it. */
const PATIENCE_MS = 120_000;

/**
 * Chromium, without a window: the one that CHROME names, or Debian's, which is installed where that can be. Where there is none the
 * tests skip themselves and say so; with BAROMETER_TEST_BROWSER=required they fail.
 */
export async function launchBrowser(suite: Mocha.Context, args: readonly string[] = []): Promise<Browser> {
  const chrome = process.env['CHROME'] ?? INSTALLED;
  const isThere = existsSync(chrome) || (chrome === INSTALLED && ensureDebianPackages(['chromium']));
  if (!isThere) {
    const why = `There is no browser at ${chrome}; name one in CHROME.`;
    if (process.env['BAROMETER_TEST_BROWSER'] === 'required') throw new Error(why);
    console.log(`      Skipped: ${why}`);
    suite.skip();
  }
  return chromium.launch({ executablePath: chrome, args: [...args] });
}

/** A page of its own, with nothing kept of others. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** With plain spaces for those at which no line may end, as a person reads it. */
export function toRead(text: string): string {
  return text.replaceAll('\u00a0', ' ').trim();
}

/**
 * What a page should not do: break, be refused something by its own policy, or ask another host. (That the browser notes answers of
 * 4xx and 5xx as errors is no complaint: pages are to live with them.)
 */
export function watchPage(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4|status of 5/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const isOwn = request.isNavigationRequest() || new URL(request.url()).origin === new URL(page.url()).origin;
    if (!isOwn) complaints.push(`asked ${request.url()}`);
  });
  return complaints;
}
