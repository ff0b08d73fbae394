import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import jsqr from 'jsqr';
import { pino } from 'pino';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { Glass } from '../../device-sim/epd/glass.js';
import { browsers, look, namelessControls, test as onPaper, scrollsSideways } from '../support/chromium.js';
import { HubAt, openHubWorld } from '../support/hub-world.js';
import { startInProcess } from '../support/in-process-hub.js';

const WAIT = { timeout: 15_000, interval: 50 };
const SILENT = pino({ level: 'silent' });
const BROKEN_PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('and then nothing')]);

const test = onPaper
  .extend('outside', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-page-${task.id.slice(-6)}-`));
    const { world, close } = await openHubWorld(dir);
    onCleanup(async () => {
      await close();
      await rm(dir, { recursive: true, force: true });
    });
    return world;
  })
  .extend('hub', async ({ outside }, { onCleanup }) => {
    const { url, stop } = await startInProcess(outside.env, SILENT);
    onCleanup(stop);
    return new HubAt(url);
  })
  .extend('plainPage', async ({ browser }, { onCleanup }): Promise<Page> => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1100, height: 800 } });
    onCleanup(() => context.close());
    return context.newPage();
  });

const state = (page: Page) => page.locator('figure [role=status]').textContent();
const glass = async (page: Page) => (await page.locator('figure img').all())[0]?.getAttribute('src');

/** The claim code in the QR code on the glass. */
function codeIn(glass: Glass): string | undefined {
  const { width, height } = glass;
  const rgba = new Uint8ClampedArray(width * height * 4);
  glass.indexes().forEach((ink, at) => {
    const level = ink === 0 ? 0 : 255;
    rgba.set([level, level, level, 255], at * 4);
  });
  const url = jsqr.default(rgba, width, height)?.data ?? '';
  return URL.canParse(url) ? (new URL(url).searchParams.get('code') ?? undefined) : undefined;
}

describe.each(browsers())("the hub's page in %s", () => {
  test('a person shows a text by the form and sees it come onto the glass', async ({ outside, hub, sheet }) => {
    const { page, complaints } = sheet;
    await page.goto(hub.url);
    await expect.poll(() => page.locator('[data-live=identity]').textContent(), WAIT).toContain('Put the tag');
    await look(page, 'hub-first');
    await page.getByLabel('Title').fill('Bread');
    await page.getByLabel('Text', { exact: true }).fill('rises at seven');
    await page.getByRole('button', { name: /^Show on / }).tap();
    await page.waitForURL(hub.url);
    await expect.poll(() => glass(page), WAIT).toMatch(/frame=[0-9a-f]{64}$/);
    await expect.poll(() => state(page), WAIT).toBe('Up to date');
    expect(await glass(page)).toContain(outside.panel.glass.frame().sha256);
    await look(page, 'hub-shown');
    const loadedWidth = () => page.evaluate('document.querySelector("figure img").naturalWidth');
    await expect.poll(loadedWidth, WAIT).toBe(800);
    expect(complaints).toEqual([]);
  });

  test('news comes without loading the page, and what is being typed stays', async ({ hub, sheet }) => {
    const { page, complaints } = sheet;
    await page.goto(hub.url);
    await page.getByLabel('Text', { exact: true }).fill('half a senten');
    const shown = await hub.show('Shown by somebody else');
    await expect.poll(() => glass(page), WAIT).toContain(shown);
    expect(await page.getByLabel('Text', { exact: true }).inputValue()).toBe('half a senten');
    expect(complaints).toEqual([]);
  });

  test('all of it works without JavaScript', async ({ hub, plainPage: page }) => {
    await page.goto(hub.url);
    await page.getByLabel('Text', { exact: true }).fill('Without a script');
    await page.getByRole('button', { name: /^Show on / }).click();
    await page.waitForURL(hub.url);
    const again = async () => {
      await page.getByRole('link', { name: 'Look again' }).click();
      return glass(page);
    };
    await expect.poll(again, WAIT).toMatch(/frame=[0-9a-f]{64}$/);
    await look(page, 'hub-plain');
  });

  test('what cannot be shown is said in words, on the page', async ({ hub, sheet: { page } }) => {
    await page.goto(hub.url);
    await page.getByRole('button', { name: /^Show on / }).tap();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('neither title, text, QR code nor picture');
    const picture = { name: 'bread.png', mimeType: 'image/png', buffer: BROKEN_PNG };
    await page.getByLabel('Picture', { exact: true }).setInputFiles(picture);
    await page.getByRole('button', { name: /^Show on / }).tap();
    await expect.poll(() => page.getByRole('alert').textContent(), WAIT).toContain('The picture is damaged.');
    await look(page, 'hub-failed');
  });

  test('a household makes the hub its own while the cloud is away, without JavaScript, and lets it go again', {
    timeout: 60_000,
  }, async ({ outside, hub, plainPage: page }) => {
    const codeOnGlass = () => codeIn(outside.panel.glass);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${hub.url}/bind`);
    await page.getByRole('button', { name: 'Show a code' }).click();
    await expect.poll(codeOnGlass, WAIT).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    const code = codeOnGlass();
    await page.goto(`${hub.url}/bind?code=${code}`);
    await page.getByLabel('Name of your household').fill('The Larks');
    await look(page, 'hub-bind');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'Is it this one?' }).waitFor();
    await look(page, 'hub-bind-compare');
    expect(await namelessControls(page)).toEqual([]);
    await page.getByRole('button', { name: 'Same word' }).click();
    await page.getByRole('heading', { name: 'It is home' }).waitFor();
    expect(await page.getByRole('link', { name: 'receipt' }).getAttribute('href')).toMatch(/\/bind#receipt=[\w-]{43}$/);
    await look(page, 'hub-bind-done');
    expect(await scrollsSideways(page)).toBe(false);
    expect((await hub.status()).household).toMatchObject({ householdName: 'The Larks' });

    await page.goto(`${hub.url}/bind`);
    await page.getByRole('button', { name: 'Show a code' }).click();
    await expect.poll(() => [undefined, code].includes(codeOnGlass()), WAIT).toBe(false);
    await page.getByLabel('Code on the glass').fill(codeOnGlass() ?? '');
    await look(page, 'hub-bind-leave');
    await page.getByRole('button', { name: 'Take everything off' }).click();
    await page.getByRole('heading', { name: 'Make this hub yours' }).waitFor();
    expect((await hub.status()).household).toBeNull();
  });

  test('what is typed wrong is said on the page, on a small telephone too', async ({ hub, sheet }) => {
    const { page, complaints } = sheet;
    await page.setViewportSize({ width: 320, height: 568 });
    await page.goto(hub.url);
    await page.getByRole('link', { name: 'make it yours' }).tap();
    await page.getByLabel('Code on the glass').fill('BBBB-BBBB');
    await page.getByLabel('Name of your household').fill('The Larks');
    await page.getByRole('button', { name: 'Go on' }).tap();
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/does not show this code/);
    expect(await page.getByLabel('Name of your household').inputValue()).toBe('The Larks');
    expect(await scrollsSideways(page)).toBe(false);
    await look(page, 'hub-bind-wrong');
    expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
  });

  test('it fits a small telephone and names every control', async ({ hub, sheet: { page, complaints } }) => {
    await page.setViewportSize({ width: 320, height: 568 });
    await page.goto(hub.url);
    expect(await namelessControls(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    expect(complaints).toEqual([]);
  });
});
