import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
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

  test('it fits a small telephone and names every control', async ({ hub, sheet: { page, complaints } }) => {
    await page.setViewportSize({ width: 320, height: 568 });
    await page.goto(hub.url);
    expect(await namelessControls(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    expect(complaints).toEqual([]);
  });
});
