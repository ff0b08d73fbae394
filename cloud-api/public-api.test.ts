import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PictureTypeSchema } from '../contract/index.js';
import { pngToFrame } from '../render/index.js';
import { testEngines } from '../test/support/cloud-databases.js';
import { stateOf } from '../test/support/cloud-devices.js';
import { brokenJpeg, png, pngHeader, zip } from '../test/support/pictures.js';
import { openPublicApi, type PublicApiWorld, type TestHome } from '../test/support/public-api.js';
import { type Binary, SdkClient } from '../test/support/sdk-client.js';
import { asSystem } from './database/database.js';
import { presentation } from './presentation/tables.js';
import type { PresentationEvent } from './sync/presentation-port.js';

const HOUR_MS = 60 * 60 * 1000;
const SHA = 'b'.repeat(64);
const NOBODY = '01890a5d-ac96-774b-bcce-b302099a8057';

const picture = (bytes: Uint8Array, contentType = 'image/png'): Binary => ({
  ...{ type: 'image', filename: 'a picture', contentType, bytes },
});

const received = (displayId: string, presentationId: string) =>
  ({
    type: 'presentation.received',
    body: { presentationId, displayId, cmdId: null, origin: 'cloud', at: '2026-03-01T07:00:01.000Z' },
  }) as const;

const confirmed = (
  displayId: string,
  presentationId: string,
  frameSha256 = SHA,
  origin: 'cloud' | 'local' = 'cloud',
) => {
  const at = '2026-03-01T07:00:02.000Z';
  const times = { received: at, rendered: at, painted: at, confirmed: at };
  const body = { presentationId, displayId, cmdId: null, origin, frameSha256, refresh: 'full', times } as const;
  return { type: 'presentation.confirmed', body } as const;
};

const failed = (displayId: string, presentationId: string, code: string): PresentationEvent => ({
  type: 'presentation.failed',
  body: {
    ...{ presentationId, displayId, cmdId: null, origin: 'cloud', at: '2026-03-01T07:00:01.000Z' },
    ...{ stage: 'render', code, message: 'it ends early', retryable: false },
  },
});

describe.each(testEngines())('the public API on $name', (engine) => {
  let world: PublicApiWorld;
  beforeAll(async () => {
    world = await openPublicApi(engine);
  });
  afterAll(async () => {
    await world.close();
  });

  async function pushText(home: TestHome, text: string): Promise<string> {
    const { analysis } = await home.client.push.manual(home.displayId, [{ type: 'text', text }]);
    return analysis.presentationIds?.[0] ?? '';
  }

  describe('as the client calls it', () => {
    test('a text pushed to a display becomes a command for its hub, and is confirmed by the hub alone', async () => {
      const home = await world.newHome();
      const { content, analysis } = await home.client.push.manual(home.displayId, [{ type: 'text', text: 'Bread' }]);
      expect(content).toMatchObject({ state: 'ready', assets: [{ type: 'text', text: 'Bread', sizeBytes: null }] });
      expect(analysis).toMatchObject({ state: 'completed', outcome: 'presentations', contentIds: [content.id] });
      const id = analysis.presentationIds?.[0] ?? '';
      expect(world.published.at(-1)).toMatchObject({
        kind: 'text',
        slot: `frame:${home.displayId}`,
        body: { presentationId: id, displayId: home.displayId, page: { text: 'Bread', align: 'centre' } },
      });
      expect(await home.client.presentations.get(id)).toMatchObject({ state: 'queued', displayId: home.displayId });
      expect(await home.client.displays.get(home.displayId)).toMatchObject({
        pendingPresentationId: id,
        currentPresentationId: null,
      });
      await home.tell(received(home.displayId, id));
      expect(await home.client.presentations.get(id)).toMatchObject({ state: 'published' });
      await home.tell(confirmed(home.displayId, id));
      expect(await home.client.presentations.get(id)).toMatchObject({ state: 'confirmed' });
      expect(await home.client.displays.get(home.displayId)).toMatchObject({
        pendingPresentationId: null,
        currentPresentationId: id,
      });
      expect(await home.client.contents.get(content.id)).toMatchObject({
        analysisIds: [analysis.id],
        presentationIds: [id],
      });
    });

    test('a photo pushed directly arrives as a picture that only this hub may fetch', async () => {
      const home = await world.newHome();
      const { content, analysis } = await home.client.push.hardcode(home.displayId, picture(await png(40, 30)));
      expect(content.state).toBe('pending');
      expect(await home.client.contents.get(content.id)).toMatchObject({ state: 'ready' });
      expect(analysis).toMatchObject({ state: 'completed', mode: 'direct', target: { displayId: home.displayId } });
      expect(world.published.at(-1)).toMatchObject({
        kind: 'image',
        body: { page: { pictures: [{ contentType: 'image/png' }] } },
      });
    });

    test('without a target the display that can show it best is chosen', async () => {
      const home = await world.newHome();
      const large = await home.addDisplay({ width: 1600, height: 1200, inks: ['black', 'white'] });
      const { analysis } = await home.client.push.auto([{ type: 'text', text: 'Milk' }], 'Shopping');
      const chosen = await home.client.presentations.get(analysis.presentationIds?.[0] ?? '');
      expect(chosen).toMatchObject({ displayId: large, title: 'Shopping', mode: 'ai' });
    });

    test('the story of an analysis ends with its end, and the glass is told of afterwards', async () => {
      const home = await world.newHome();
      const { content } = await home.client.contents.create([{ type: 'text', text: 'Milk' }]);
      const target = { displayIds: [home.displayId] };
      const asked = { contentIds: [content.id], intent: 'make it cheerful', target };
      const { id, presentationIds } = await home.client.analyses.create(asked);
      await home.tell(confirmed(home.displayId, presentationIds?.[0] ?? ''));
      const story = await home.client.analyses.stream(id);
      expect(story.at(-1)?.type).toBe('analysis.completed');
      expect(story.filter(({ level }) => level === 'warn')).toMatchObject([
        { summary: expect.stringMatching(/intent/) },
      ]);
      const first = await home.client.analyses.events(id, { limit: 2 });
      expect(first).toMatchObject({ hasMore: true, nextAfter: first.items[1]?.seq, state: 'completed' });
      const rest = await home.client.analyses.events(id, { after: first.nextAfter ?? 0 });
      expect(rest.items.at(-1)).toMatchObject({ type: 'delivery.confirmed', data: { displayId: home.displayId } });
      expect(await home.client.analyses.events(id, { after: 10_000_000_000 })).toMatchObject({
        items: [],
        hasMore: false,
      });
    });

    test('what could not be uploaded is uploaded again with a fresh ticket, and a content ready stays ready', async () => {
      const home = await world.newHome();
      const bytes = await png(20, 20);
      const { content } = await home.client.contents.create([picture(bytes)]);
      await expect(home.client.analyses.create({ contentIds: [content.id] })).rejects.toMatchObject({
        ...{ kind: 'Conflict', code: 'asset_not_uploaded' },
        details: { failedAssets: [{ contentId: content.id, assetIndex: 0 }] },
      });
      world.advanceClock(2 * HOUR_MS);
      expect(await home.client.contents.get(content.id)).toMatchObject({
        ...{ state: 'failed', failedAssetIndexes: [0], failure: { code: 'upload_expired' } },
        assets: [{ uploadState: 'failed' }],
      });
      expect((await home.client.contents.list({ state: 'failed' })).items).toMatchObject([{ id: content.id }]);
      const { content: again, uploadTickets } = await home.client.contents.tickets(content.id, [0]);
      expect(again).toMatchObject({ state: 'pending', failure: null });
      const [ticket] = uploadTickets;
      expect(await post(ticket?.url ?? '', bytes)).toBe(204);
      expect(await home.client.contents.tickets(content.id, [0])).toMatchObject({ content: { state: 'ready' } });
      await expect(home.client.contents.tickets(content.id, [1])).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });

  describe('keys', () => {
    test('a replay gives the first content again with a ticket for every picture, uploaded or not', async () => {
      const home = await world.newHome();
      const assets = [picture(await png(8, 8)), { type: 'text', text: 'x' } as const];
      const first = await home.client.contents.upload(assets, 'a', 'key-of-mine-1');
      const again = await home.client.contents.create(assets, 'a', 'key-of-mine-1');
      expect(again).toMatchObject({ content: { id: first.id, state: 'ready' }, uploadTickets: [{ assetIndex: 0 }] });
      expect((await home.client.contents.upload(assets, 'a', 'key-of-mine-1')).id).toBe(first.id);
      await expect(home.client.contents.create(assets, 'b', 'key-of-mine-1')).rejects.toMatchObject({
        ...{ kind: 'Conflict', code: 'idempotency_conflict' },
      });
      world.advanceClock(25 * HOUR_MS);
      expect((await home.client.contents.create(assets, 'b', 'key-of-mine-1')).content.id).not.toBe(first.id);
    });

    test('the same call many times at once makes one thing', async () => {
      const home = await world.newHome();
      const made = await Promise.all(
        Array.from({ length: 6 }, () =>
          home.client.contents.create([{ type: 'text', text: 'once' }], null, 'same-key-8'),
        ),
      );
      expect(new Set(made.map(({ content }) => content.id)).size).toBe(1);
      const contentIds = [made[0]?.content.id];
      const before = world.published.length;
      const analyses = await Promise.all(
        Array.from({ length: 6 }, () => home.client.analyses.create({ contentIds }, 'same-key-8')),
      );
      expect(new Set(analyses.map(({ id }) => id)).size).toBe(1);
      expect(world.published.length - before).toBe(1);
    });

    test('a refused request gives its key back', async () => {
      const home = await world.newHome();
      const key = 'refused-key';
      await expect(home.client.analyses.create({ contentIds: [NOBODY] }, key)).rejects.toMatchObject({
        ...{ kind: 'NotFound', code: 'content_not_found' },
      });
      const { content } = await home.client.contents.create([{ type: 'text', text: 'x' }]);
      expect(await home.client.analyses.create({ contentIds: [content.id] }, key)).toMatchObject({
        state: 'completed',
      });
    });
  });

  describe('bad pictures', () => {
    test.each([
      ['a JPEG that ends early', async () => picture(await brokenJpeg(), 'image/jpeg')],
      ['a PNG of 50,000 x 50,000', async () => picture(pngHeader(50_000, 50_000))],
    ])('%s fails its analysis with a reason', async (_what, make) => {
      const home = await world.newHome();
      const { analysis } = await home.client.push.hardcode(home.displayId, await make());
      expect(analysis).toMatchObject({
        ...{ state: 'failed', presentationIds: [], failure: { code: 'invalid_asset', assetIndex: 0 } },
      });
      expect(await home.client.displays.get(home.displayId)).toMatchObject({ pendingPresentationId: null });
    });

    test('a ZIP in the name of a PNG is refused and fails its content, until the picture itself comes', async () => {
      const home = await world.newHome();
      await expect(home.client.push.hardcode(home.displayId, picture(zip()))).rejects.toMatchObject({
        kind: 'AssetUpload',
      });
      const [content] = (await home.client.contents.list()).items;
      expect(content).toMatchObject({ state: 'failed', failure: { code: 'invalid_asset', assetIndex: 0 } });
    });

    test('a hub that cannot draw it makes the presentation failed, with the reason', async () => {
      const home = await world.newHome();
      const id = await pushText(home, 'x');
      await home.tell(failed(home.displayId, id, 'render.picture-broken'));
      expect(await home.client.presentations.get(id)).toMatchObject({
        ...{ state: 'failed', image: null, failure: { code: 'invalid_asset', stage: 'render' } },
      });
      expect(await home.client.displays.get(home.displayId)).toMatchObject({ pendingPresentationId: null });
    });

    test('an upload of another size or over the limit is refused and can be tried again', async () => {
      const home = await world.newHome();
      const bytes = await png(9, 9);
      const { content, uploadTickets } = await home.client.contents.create([picture(bytes)]);
      const url = uploadTickets[0]?.url ?? '';
      expect(await post(url, bytes.subarray(1))).toBe(400);
      expect(await post(url, new Uint8Array(10_485_761))).toBe(413);
      expect(await post(`${url}x`, bytes)).toBe(403);
      expect((await fetch(url, { method: 'POST', body: 'no form' })).status).toBeGreaterThanOrEqual(400);
      expect(await home.client.contents.get(content.id)).toMatchObject({ state: 'pending' });
      expect(await post(url, bytes)).toBe(204);
      const large = picture(new Uint8Array(10_485_761));
      await expect(home.client.contents.create([large])).rejects.toMatchObject({
        kind: 'PayloadTooLarge',
        code: 'asset_too_large',
      });
    });
  });

  describe('displays', () => {
    test('what the hub reported is told, what it did not is null', async () => {
      const home = await world.newHome();
      expect(await home.client.displays.get(home.displayId)).toMatchObject({
        ...{ name: 'Kitchen', nickname: null, batteryPercent: null, online: true, firmware: '0.1.0', nextSyncAt: null },
        capabilities: {
          ...{ pixelWidth: 800, pixelHeight: 480, orientation: 'landscape', colorMode: 'black,white' },
          supportedOutputFormats: ['png', 'raw2', 'raw4'],
          supportedImageContentTypes: PictureTypeSchema.options,
        },
      });
      expect(await home.client.displays.current(home.displayId)).toEqual({ presentation: null });
    });

    test('the newest wins: what waited for an absent hub expires, and the queue holds what comes next', async () => {
      const home = await world.newHome();
      const [first, second] = [await pushText(home, '1'), await pushText(home, '2')];
      expect(await home.client.presentations.get(first)).toMatchObject({ state: 'expired' });
      expect((await home.client.displays.queue(home.displayId)).items).toMatchObject([{ id: second, state: 'queued' }]);
      expect(await home.client.displays.advance(home.displayId)).toMatchObject({
        ...{ changed: true, display: { pendingPresentationId: second } },
      });
      await home.tell(confirmed(home.displayId, second));
      expect((await home.client.displays.queue(home.displayId)).items).toEqual([]);
      expect(await home.client.displays.advance(home.displayId)).toMatchObject({ changed: false });
    });

    test('what was shown before can be shown again, and nothing else', async () => {
      const home = await world.newHome();
      const first = await pushText(home, '1');
      await expect(home.client.displays.show(home.displayId, first)).rejects.toMatchObject({
        ...{ code: 'presentation_not_deliverable', details: { reason: 'not_delivered', presentationId: first } },
      });
      await home.tell(confirmed(home.displayId, first));
      await home.tell(confirmed(home.displayId, await pushText(home, '2')));
      expect(await home.client.presentations.get(first)).toMatchObject({ state: 'expired' });
      expect(await home.client.displays.show(home.displayId, first)).toMatchObject({
        display: { pendingPresentationId: first },
      });
      const before = world.published.length;
      await home.client.displays.show(home.displayId, first);
      expect(world.published.length).toBe(before);
      await home.tell(confirmed(home.displayId, first));
      expect(await home.client.displays.current(home.displayId)).toMatchObject({
        presentation: { id: first, state: 'confirmed' },
      });
      const other = await home.addDisplay({ width: 10, height: 10, inks: ['black', 'white'] });
      await expect(home.client.displays.show(other, first)).rejects.toMatchObject({
        details: { reason: 'other_display' },
      });
    });

    test('what is on the glass stays confirmed while it is asked for again, whatever becomes of that', async () => {
      const home = await world.newHome();
      const first = await pushText(home, '1');
      await home.tell(confirmed(home.displayId, first));
      const second = await pushText(home, '2');
      await home.client.displays.show(home.displayId, first);
      expect(await home.client.presentations.get(first)).toMatchObject({ state: 'confirmed' });
      expect(await home.client.presentations.get(second)).toMatchObject({ state: 'expired' });
      await home.tell(failed(home.displayId, first, 'render.timeout'));
      expect(await home.client.displays.get(home.displayId)).toMatchObject({
        ...{ currentPresentationId: first, pendingPresentationId: null },
      });
    });

    test('what a hub says of its glass without a proof moves nothing', async () => {
      const home = await world.newHome();
      const [first, second] = [await pushText(home, '1'), await pushText(home, '2')];
      const { thingName, hardwareId: hwId } = await home.client.displays.get(home.displayId);
      const late = { displayId: home.displayId, currentPresentationId: second, pendingPresentationId: first };
      await world.services.hubs.noteState(thingName, stateOf({ hwId }, { nowMs: 0 }, [late]));
      expect(await home.client.displays.get(home.displayId)).toMatchObject({
        ...{ currentPresentationId: null, pendingPresentationId: second },
      });
      expect(await home.client.displays.current(home.displayId)).toEqual({ presentation: null });
    });

    test('a command that ends without news of its presentation ends the presentation too', async () => {
      const home = await world.newHome();
      const end = async (cmdId: string, state: 'RECEIVED' | 'UNKNOWN' | 'SUPERSEDED') => {
        const source = { hubId: home.hubId, householdId: home.householdId };
        const change = { cmdId, kind: 'text', state, code: null, message: null };
        await asSystem(world.db, (tx) => world.services.publicApi.presentations.commandsChanged(tx, source, [change]));
      };
      const first = await pushText(home, '1');
      const firstCommand = world.published.at(-1)?.cmdId ?? '';
      await end(firstCommand, 'RECEIVED');
      expect(await home.client.presentations.get(first)).toMatchObject({ state: 'published' });
      await end(firstCommand, 'UNKNOWN');
      expect(await home.client.presentations.get(first)).toMatchObject({
        ...{ state: 'failed', failure: { code: 'command.unknown', stage: 'deliver' } },
      });
      const second = await pushText(home, '2');
      await end(world.published.at(-1)?.cmdId ?? '', 'SUPERSEDED');
      expect(await home.client.presentations.get(second)).toMatchObject({ state: 'expired' });
    });

    test('what a person showed at the hub is the current presentation too', async () => {
      const home = await world.newHome();
      const cloud = await pushText(home, '1');
      await home.tell(confirmed(home.displayId, cloud));
      const local = '0198aaaa-ac96-774b-8cce-b302099a8057';
      await home.tell(confirmed(home.displayId, local, SHA, 'local'));
      expect(await home.client.presentations.get(cloud)).toMatchObject({ state: 'expired' });
      expect(await home.client.displays.current(home.displayId)).toMatchObject({
        presentation: { id: local, state: 'confirmed', mode: 'direct', contentIds: [], image: null },
      });
      await home.tell(confirmed(home.displayId, await pushText(home, '2')));
      await expect(home.client.displays.show(home.displayId, local)).rejects.toMatchObject({
        details: { reason: 'not_rendered' },
      });
    });
  });

  describe('pictures of presentations', () => {
    test('the preview is the frame that render makes, in every encoding, at an address that expires', async () => {
      const home = await world.newHome();
      const id = await pushText(home, 'Bread rises at seven');
      const shown = await home.client.presentations.get(id);
      const address = shown.image?.url ?? '';
      const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
      const frame = await pngToFrame(bytes, ['black', 'white']);
      expect(frame).toMatchObject({ width: 800, height: 480, bitsPerPixel: 1 });
      const raw2 = await home.client.presentations.get(id, { format: 'raw2' });
      expect((await (await fetch(raw2.image?.url ?? '')).arrayBuffer()).byteLength).toBe((800 * 480) / 4);
      expect(
        await home.client.presentations.rendition(id, { viewport: { width: 800, height: 480 }, formats: ['png'] }),
      ).toMatchObject({ id: shown.renditions?.[0]?.id, width: 800 });
      await expect(
        home.client.presentations.rendition(id, { viewport: { width: 8, height: 8 }, formats: ['png'] }),
      ).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
      expect((await fetch(`${address}A`)).status).toBe(403);
      await home.tell(confirmed(home.displayId, id, 'c'.repeat(64)));
      const events = await home.client.analyses.events(shown.analysisId ?? '');
      expect(events.items.slice(-3).map(({ type }) => type)).toEqual([
        'render.finished',
        'delivery.confirmed',
        'delivery.differs',
      ]);
      world.advanceClock(2 * HOUR_MS);
      expect((await fetch(address)).status).toBe(403);
    });
  });

  describe('pictures that are not as usual', () => {
    test('what is on the glass can be had in the encoding that is asked for', async () => {
      const home = await world.newHome();
      const id = await pushText(home, 'x');
      await home.tell(confirmed(home.displayId, id));
      const { presentation } = await home.client.displays.current(home.displayId, { format: 'raw4' });
      expect(presentation).toMatchObject({ id, image: { format: 'raw4', width: 800, height: 480 } });
      const raw = await (await fetch(presentation?.image?.url ?? '')).arrayBuffer();
      expect(raw.byteLength).toBe((800 * 480) / 2);
    });

    test('the profile of a hub goes with each presentation, and one that is not known here is drawn as the usual', async () => {
      const home = await world.newHome();
      const { displayId } = home;
      const { thingName, hardwareId: hwId } = await home.client.displays.get(displayId);
      const say = (profile: { profile?: string }, rev: number) =>
        world.services.hubs.noteState(thingName, stateOf({ hwId }, { nowMs: 0 }, [{ displayId, ...profile }], rev));
      const profileOf = async (id: string) => {
        const rows = await asSystem(world.db, (tx) => tx.select().from(presentation).where(eq(presentation.id, id)));
        return rows[0]?.profile;
      };
      await say({ profile: 'of-tomorrow' }, 1);
      const pushPicture = async () => {
        const { analysis } = await home.client.push.hardcode(displayId, picture(await png(40, 30)));
        return analysis.presentationIds?.[0] ?? '';
      };
      const id = await pushPicture();
      await say({}, 2);
      const later = await pushPicture();
      expect([await profileOf(id), await profileOf(later)]).toEqual(['of-tomorrow', null]);
      const pictures = [id, later].map(async (each) => {
        const { image } = await home.client.presentations.get(each);
        const answer = await fetch(image?.url ?? '');
        return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()).toString('base64') };
      });
      const [strange, usual] = await Promise.all(pictures);
      expect(usual?.status).toBe(200);
      expect(strange).toEqual(usual);
    });

    test('a picture that cannot be drawn is told once, however often it is asked for', async () => {
      const home = await world.newHome();
      const id = await pushText(home, 'x');
      await world.db.script(`update presentation set inks = '{no-ink}' where id = '${id}'`);
      const { image, analysisId } = await home.client.presentations.get(id);
      for (let tries = 0; tries < 3; tries += 1) expect((await fetch(image?.url ?? '')).status).toBe(503);
      const { items } = await home.client.analyses.events(analysisId ?? '');
      expect(items.filter(({ type }) => type === 'render.failed')).toHaveLength(1);
    });
  });

  describe('lists', () => {
    test('every content is on one page, newest first, and a search finds all its words in one content', async () => {
      const home = await world.newHome();
      const ids: string[] = [];
      for (const text of ['Brot 100%', 'Milch', 'brot_und Milch']) {
        ids.unshift((await home.client.contents.create([{ type: 'text', text }], 'Einkauf')).content.id);
      }
      const seen: string[] = [];
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await home.client.contents.list({ limit: 1, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
        more = page.hasMore;
      }
      expect(seen).toEqual(ids);
      const found = async (q: string) => (await home.client.contents.list({ q })).items.map(({ id }) => id);
      expect(await found(' einkauf  BROT ')).toEqual([ids[0], ids[2]]);
      expect(await found('0%')).toEqual([ids[2]]);
      expect(await found('t_u')).toEqual([ids[0]]);
      expect(await found('%')).toEqual([ids[2]]);
    });

    test('presentations and analyses are listed by what they belong to', async () => {
      const home = await world.newHome();
      const id = await pushText(home, 'x');
      expect(await home.client.presentations.list()).toMatchObject({
        items: [],
        hasMore: false,
        historyWindowStart: null,
      });
      expect((await home.client.presentations.list({ scope: 'all' })).items).toMatchObject([{ id }]);
      expect((await home.client.presentations.list({ displayId: home.displayId })).items).toMatchObject([{ id }]);
      expect((await home.client.presentations.list({ displayId: NOBODY })).items).toEqual([]);
      const [content] = (await home.client.contents.list()).items;
      expect((await home.client.analyses.list({ contentId: content?.id ?? '' })).items).toHaveLength(1);
      expect((await home.client.analyses.list({ contentId: NOBODY })).items).toEqual([]);
      expect((await home.client.analyses.list({ trigger: 'chat' })).items).toEqual([]);
    });

    test.each([
      '/displays?cursor=nonsense',
      `/displays?cursor=${Buffer.from(`999999999999999.${NOBODY}`).toString('base64url')}`,
      `/displays/${NOBODY}/queue?from=0000-01-01T00:00:00Z`,
      `/displays/${NOBODY}/queue?to=9999-12-31T23:59:59-23:59`,
      '/displays?limit=0',
      '/displays?limit=51',
      '/displays/nonsense',
      '/contents?cursor=MTIz',
      `/contents?q=${'a'.repeat(201)}`,
      '/presentations?scope=generated&state=queued',
      `/presentations?scope=generated&displayId=${NOBODY}`,
      `/analyses/${NOBODY}/events?detail=full`,
      `/analyses/${NOBODY}/events?limit=201`,
    ])('%s is refused as a bad request', async (path) => {
      const { token } = await world.newHome();
      const answer = await ask(token, path);
      expect(answer).toMatchObject({ statusCode: 400, body: { error: { code: 'invalid_request' } } });
    });
  });

  describe('who may see what', () => {
    test("another household's things answer exactly as if they were not there", async () => {
      const [mine, theirs] = [await world.newHome(), await world.newHome()];
      const presentationId = await pushText(theirs, 'secret');
      const [content] = (await theirs.client.contents.list()).items;
      const [analysis] = (await theirs.client.analyses.list()).items;
      const places = (display: string, contentId: string, analysisId: string, shown: string): [string, string][] => [
        [`/displays/${display}`, 'display_not_found'],
        [`/displays/${display}/queue`, 'display_not_found'],
        [`/displays/${display}/current-presentation`, 'display_not_found'],
        [`/contents/${contentId}`, 'content_not_found'],
        [`/analyses/${analysisId}`, 'analysis_not_found'],
        [`/analyses/${analysisId}/events`, 'analysis_not_found'],
        [`/analyses/${analysisId}/events/stream`, 'analysis_not_found'],
        [`/analyses/${analysisId}/archive`, 'analysis_not_found'],
        [`/presentations/${shown}`, 'presentation_not_found'],
      ];
      const foreign = places(theirs.displayId, content?.id ?? '', analysis?.id ?? '', presentationId);
      for (const [at, [path, code]] of foreign.entries()) {
        const unknown = await ask(mine.token, places(NOBODY, NOBODY, NOBODY, NOBODY)[at]?.[0] ?? '');
        const answer = await ask(mine.token, path);
        expect(answer).toMatchObject({ statusCode: 404, body: { error: { code } } });
        expect(answer.body.error.message).toBe(unknown.body.error.message);
      }
      const changes: [string, object | undefined, string][] = [
        [`/displays/${theirs.displayId}/current`, { presentationId }, 'display_not_found'],
        [`/displays/${mine.displayId}/current`, { presentationId }, 'presentation_not_found'],
        [`/displays/${theirs.displayId}/advance`, undefined, 'display_not_found'],
        [`/contents/${content?.id}/upload-tickets`, { assetIndexes: [0] }, 'content_not_found'],
        [`/presentations/${presentationId}/renditions`, { formats: ['png'] }, 'presentation_not_found'],
      ];
      for (const [path, payload, code] of changes) {
        const authorization = `Bearer ${mine.token}`;
        const url = `/api/sdk/v1${path}`;
        const answer = await world.app.inject({
          method: 'POST',
          url,
          headers: { authorization },
          ...(payload && { payload }),
        });
        expect(answer.statusCode).toBe(404);
        expect(answer.json()).toMatchObject({ error: { code } });
      }
      const image = (await theirs.client.presentations.get(presentationId)).image?.url ?? '';
      expect((await fetch(image.replace(theirs.householdId, mine.householdId))).status).toBe(403);
      const contentIds = [content?.id];
      await expect(mine.client.analyses.create({ contentIds })).rejects.toMatchObject({ code: 'content_not_found' });
      await expect(mine.client.push.manual(theirs.displayId, [{ type: 'text', text: 'x' }])).rejects.toMatchObject({
        code: 'display_not_found',
      });
      expect((await mine.client.presentations.list({ scope: 'all' })).items).toEqual([]);
    });

    test('a hub cannot speak for the displays of another', async () => {
      const [mine, theirs] = [await world.newHome(), await world.newHome()];
      const id = await pushText(theirs, 'x');
      await mine.tell(confirmed(theirs.displayId, id));
      await mine.tell(confirmed(mine.displayId, id));
      expect(await theirs.client.presentations.get(id)).toMatchObject({ state: 'queued' });
    });

    test('whatever is wrong with a token, the answer is the same', async () => {
      for (const token of ['', 'il_pat_nonsense', `il_pat_${'a'.repeat(43)}`]) {
        const client = new SdkClient({ baseUrl: world.baseUrl, token, newKey: () => NOBODY });
        await expect(client.displays.list()).rejects.toMatchObject({ kind: 'AuthenticationFailed', status: 401 });
      }
    });
  });

  describe('refusals', () => {
    test('paths that are not served, broken JSON and other types get the envelope with its request id', async () => {
      const { token } = await world.newHome();
      const url = '/api/sdk/v1/contents';
      const authorization = `Bearer ${token}`;
      const key = { 'idempotency-key': 'key-of-mine' };
      const answers = await Promise.all([
        world.app.inject({ url: '/api/sdk/v1/conversations', headers: { authorization } }),
        world.app.inject({ url: '/api/sdk/v1/nothing', headers: { authorization } }),
        world.app.inject({
          method: 'POST',
          url,
          headers: { authorization, ...key, 'content-type': 'application/json' },
          payload: '{',
        }),
        world.app.inject({
          method: 'POST',
          url,
          headers: { authorization, ...key, 'content-type': 'text/csv' },
          payload: 'a,b',
        }),
        world.app.inject({
          method: 'POST',
          url,
          headers: { authorization },
          payload: { title: null, assets: [{ type: 'text', text: 'x' }] },
        }),
      ]);
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 400, 415, 400]);
      for (const answer of answers) {
        const { requestId } = answer.json<{ error: { requestId: string } }>().error;
        expect(requestId).toBe(answer.headers['x-request-id']);
        expect(answer.headers['content-type']).toMatch(/application\/json/);
      }
      expect(answers[0]?.json()).toMatchObject({ error: { code: 'not_found' } });
    });

    test.each([
      [{ context: 'history', contentIds: [] }, 400, 'invalid_request'],
      [{ contentIds: [] }, 400, 'invalid_request'],
      [{ scope: { since: '24h' } }, 400, 'invalid_request'],
      [{ target: { output: { formats: ['png'] } } }, 400, 'invalid_request'],
      [{ mode: 'magic' }, 400, 'invalid_request'],
      [{ mode: 'direct' }, 400, 'invalid_request'],
      [{ mode: 'direct', target: { displayId: NOBODY } }, 400, 'invalid_asset'],
      [{ target: { displayId: NOBODY } }, 404, 'display_not_found'],
    ])('an analysis with %j is refused with %i %s', async (body, status, code) => {
      const home = await world.newHome();
      const { content } = await home.client.contents.create([{ type: 'text', text: 'x' }]);
      await expect(home.client.analyses.create({ contentIds: [content.id], ...body })).rejects.toMatchObject({
        status,
        code,
      });
    });

    test('every route of the API is in the OpenAPI document', () => {
      const paths = Object.keys(world.app.swagger().paths ?? {});
      expect(paths).toEqual(expect.arrayContaining(['/api/sdk/v1/displays/{id}/queue', '/uploads/{ticket}']));
    });
  });

  async function ask(token: string, path: string) {
    const answer = await world.app.inject({ url: `/api/sdk/v1${path}`, headers: { authorization: `Bearer ${token}` } });
    const body = answer.json<{ error: { code: string; message: string } }>();
    return { statusCode: answer.statusCode, body };
  }
});

async function post(url: string, bytes: Uint8Array): Promise<number> {
  const form = new FormData();
  form.append('file', new Blob([Buffer.from(bytes)]), 'a');
  const response = await fetch(url, { method: 'POST', body: form });
  await response.arrayBuffer();
  return response.status;
}
