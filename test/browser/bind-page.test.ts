import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { v7 } from 'uuid';
import { describe, expect } from 'vitest';
import { landingLink } from '../../provisioning/hw-id/index.js';
import { browsers, look, namelessControls, test as onPaper, scrollsSideways } from '../support/chromium.js';
import { OPERATOR_TOKEN, TestCloud } from '../support/cloud.js';
import { testEngines } from '../support/cloud-databases.js';
import { stateOf, type TestHub } from '../support/cloud-devices.js';
import { tellLocalBinding } from '../support/local-binding-news.js';
import { SUN_KEYS, SunTag } from '../support/sun-tag.js';

const PASSWORD = 'correct horse battery';

const test = onPaper
  .extend('engine', { scope: 'file' }, testEngines()[0])
  .extend('cloud', { scope: 'file' }, async ({ engine }, { onCleanup }) => {
    if (engine === undefined) throw new TypeError('no database');
    const cloud = await TestCloud.start(engine);
    onCleanup(() => cloud.close());
    await cloud.listen();
    return cloud;
  });

/** A hub that shows a claim code: what a person standing before the glass sees. */
async function glassOf(cloud: TestCloud): Promise<{ hub: TestHub; code: string; url: string; word: string }> {
  const hub = await cloud.provision();
  await cloud.services.hubs.noteState(hub.thingName, stateOf(hub, cloud.clock, [{ name: 'Kitchen' }]));
  await cloud.services.claimCodes.request(hub.thingName, v7());
  const shown = cloud.published.at(-1)?.command;
  if (shown?.kind !== 'claim_code') throw new TypeError('no claim code');
  return { hub, ...shown.body };
}

async function logIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('I have one').check();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).tap();
}

describe.each(browsers())('the binding page in %s', () => {
  test('a newcomer follows the QR code, compares the word and has the hub', async ({ cloud, sheet }) => {
    const { page, complaints } = sheet;
    const { hub, url, word, code } = await glassOf(cloud);
    await page.goto(url);
    expect(page.url()).not.toContain(code);
    await page.getByLabel('E-mail address').fill(`${randomUUID()}@example.org`);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('Name of your household').fill('The Larks');
    await look(page, 'bind-who');
    await page.getByRole('button', { name: 'Go on' }).tap();
    await page.getByRole('heading', { name: 'Is it this one?' }).waitFor();
    expect(await page.locator('[data-word]').textContent()).toBe(word);
    expect(await page.locator('dl').textContent()).toMatch(new RegExp(`inklet-hub-1[^]*${hub.hwId.slice(-4)}`));
    await look(page, 'bind-compare');
    await page.getByRole('button', { name: 'it is mine' }).tap();
    await page.getByRole('heading', { name: 'It is home' }).waitFor();
    await look(page, 'bind-done');
    expect(await page.locator('#done').textContent()).toMatch(/The Larks now:\s+Kitchen \(7in5_V2\)/);
    expect(cloud.published.at(-1)).toMatchObject({ thingName: hub.thingName, command: { kind: 'bound' } });
    expect(complaints).toEqual([]);
  });

  test('a person with an account types the code with the keyboard alone, and is told what is wrong', async ({
    cloud,
    sheet: { page },
  }) => {
    const { email, householdId } = await cloud.signUp('The Wrens');
    const { hub, code, word } = await glassOf(cloud);
    const said = page.getByRole('alert');
    await page.goto(`${cloud.context.settings.publicUrl}/bind`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('a wrong password');
    await page.keyboard.press('Enter');
    await expect.poll(() => said.textContent()).toMatch(/password is wrong/);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What does the glass say?' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('BBBB-BBBB');
    await page.keyboard.press('Enter');
    await expect.poll(() => said.textContent()).toMatch(/No hub shows this code/);
    await page.getByLabel('Code on the glass').fill(code.toLowerCase().replace('-', ' '));
    await page.keyboard.press('Enter');
    await expect.poll(() => said.textContent()).toMatch(/Too fast/);
    cloud.clock.nowMs += 10_000;
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('[data-word]').textContent()).toBe(word);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => said.textContent()).toMatch(/Nothing was changed/);
    expect(cloud.codeOf(hub)).not.toBe(code);
    await page.getByLabel('Code on the glass').fill(cloud.codeOf(hub));
    await page.getByRole('button', { name: 'Find the hub' }).click();
    await page.getByRole('button', { name: 'it is mine' }).click();
    await page.getByRole('heading', { name: 'It is home' }).waitFor();
    expect(await cloud.services.hubs.list(householdId)).toHaveLength(1);
  });

  test('a phone on the name plate lets the glass show a code, which is typed', async ({ cloud, sheet }) => {
    const { page, complaints } = sheet;
    const { email } = await cloud.signUp('The Wrens');
    const hub = await cloud.provision();
    await cloud.beat(hub);
    await page.goto(landingLink(`${cloud.context.settings.publicUrl}/h`, hub.hwId));
    await logIn(page, email);
    await expect.poll(() => page.locator('[data-hint]').textContent()).toMatch(/its glass shows a code/);
    await look(page, 'bind-tap');
    await page.getByLabel('Code on the glass').fill(cloud.codeOf(hub));
    await page.getByRole('button', { name: 'Find the hub' }).tap();
    await page.getByRole('heading', { name: 'Is it this one?' }).waitFor();
    expect(await page.locator('#compare').textContent()).toContain('who asks, The Wrens');
    expect(complaints).toEqual([]);
  });

  test('a tag that proves itself leads straight to the word, once', async ({ cloud, sheet: { page } }) => {
    const { email } = await cloud.signUp();
    const hub = await cloud.provision();
    await cloud.beat(hub);
    cloud.context.settings.sunKeys = SUN_KEYS;
    const tag = new SunTag(`${cloud.context.settings.publicUrl}/h`);
    const order = { token: OPERATOR_TOKEN, body: { tagUid: tag.uid } };
    await cloud.call('PUT', `/v1/operator/hardware/${hub.hwId}/sun-tag`, order);
    const link = await tag.read();
    await page.goto(link);
    expect(page.url()).not.toContain('cmac');
    await logIn(page, email);
    await page.getByRole('heading', { name: 'Is it this one?' }).waitFor();
    await page.goto(link);
    await logIn(page, email);
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/used before/);
    expect(await page.getByLabel('Code on the glass').isVisible()).toBe(true);
    await look(page, 'bind-replayed');
  });

  test('the receipt of a hub that was bound at home takes it into the account, once the hub has told of it', async ({
    cloud,
    sheet: { page },
  }) => {
    const { email, householdId } = await cloud.signUp();
    const hub = await cloud.provision();
    const receipt = 'r'.repeat(43);
    await page.goto(`${cloud.context.settings.publicUrl}/bind#receipt=${receipt}`);
    expect(page.url()).not.toContain(receipt);
    await logIn(page, email);
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/has not told of it yet/);
    await look(page, 'bind-receipt');
    await tellLocalBinding(cloud, hub, receipt);
    await page.getByRole('button', { name: 'Try once more' }).tap();
    await page.getByRole('heading', { name: 'It is home' }).waitFor();
    expect(await cloud.services.hubs.list(householdId)).toHaveLength(1);
  });

  test('it keeps nothing, runs nothing but its own, fits a small telephone and names every control', async ({
    cloud,
    sheet: { page, complaints },
  }) => {
    const { email } = await cloud.signUp();
    const { code } = await glassOf(cloud);
    const address = `${cloud.context.settings.publicUrl}/bind`;
    await page.setViewportSize({ width: 320, height: 568 });
    const reply = await page.goto(`${address}#code=${code}`);
    const policy = reply?.headers()['content-security-policy'];
    expect(policy).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    expect(policy).not.toContain('unsafe');
    expect(await namelessControls(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await logIn(page, email);
    await page.getByRole('heading', { name: 'Is it this one?' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Is it this one?');
    expect(await scrollsSideways(page)).toBe(false);
    expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie, location.hash]')).toEqual(
      [...[0, 0, '', '']],
    );
    expect(complaints).toEqual([]);
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' })); 0`,
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(complaints.join()).toMatch(/Content Security Policy/);
  });
});
