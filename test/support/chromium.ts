import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { it } from 'vitest';

const PROGRAM = '/usr/bin/chromium';
/** The last five keep it from calling home: tests speak with loopback alone. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** A telephone held upright. */
const PHONE = { width: 390, height: 844 };

/** A page in a fresh profile, and what a developer would see in its console. */
export type Sheet = {
  page: Page;
  /** Errors of scripts, refusals by the page's policy, and failed requests of the console, as they came. */
  complaints: string[];
};

/** The browsers on which pages are tried: Debian's Chromium, which CI must have; none on a machine without it. */
export function browsers(): string[] {
  if (existsSync(PROGRAM)) return ['Chromium'];
  if (process.env.CI !== undefined) throw new Error('CI must have the Debian package chromium');
  return [];
}

/** Tests with a browser that lives as long as their file, and a page of their own as large as a telephone. */
export const test = it
  .extend('program', { scope: 'file' }, PROGRAM)
  .extend('browser', { scope: 'file' }, async ({ program }, { onCleanup }): Promise<Browser> => {
    const browser = await chromium.launch({ executablePath: program, args: FLAGS });
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('sheet', async ({ browser }, { onCleanup }): Promise<Sheet> => {
    const context = await browser.newContext({
      viewport: PHONE,
      deviceScaleFactor: 2,
      hasTouch: true,
      locale: 'en-GB',
    });
    onCleanup(() => context.close());
    await context.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    return { page, complaints };
  });

/** For the eye: keeps what the page looks like now, in the folder INKLET_SCREENSHOTS if it is set. */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env.INKLET_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Whether the page is wider than its window, so that a telephone would scroll sideways. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

/** Fields and buttons that have no name for those who cannot see them. */
export function namelessControls(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('input, select, textarea, button')]
    .filter((control) => !(control.labels?.length > 0 || control.ariaLabel || control.textContent.trim()))
    .map((control) => control.outerHTML)`);
}
