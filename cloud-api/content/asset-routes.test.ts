import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCloud, type TestPerson } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { png } from '../../test/support/pictures.js';
import { AnalysisShape, TicketedShape } from '../../test/support/sdk-shapes.js';

describe.each(testEngines())('assets on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  /** Shows a picture on a display through the public API; gives the picture's hash. */
  async function showPicture(person: TestPerson, displayId: string, bytes: Buffer): Promise<string> {
    const token = await cloud.personalAccessToken(person);
    const key = { 'idempotency-key': 'one-picture' };
    const asset = { type: 'image', filename: 'a.png', contentType: 'image/png', sizeBytes: bytes.length };
    const body = { title: null, assets: [asset] };
    const made = await cloud.call('POST', '/api/sdk/v1/contents', { token, headers: key, body });
    const { content, uploadTickets } = TicketedShape.parse(made.body);
    const form =
      '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n';
    const upload = await cloud.app.inject({
      method: 'POST',
      url: new URL(uploadTickets[0]?.url ?? '').pathname,
      headers: { 'content-type': 'multipart/form-data; boundary=edge' },
      payload: Buffer.concat([Buffer.from(form), bytes, Buffer.from('\r\n--edge--\r\n')]),
    });
    expect(upload.statusCode).toBe(204);
    const fields = { contentIds: [content.id], context: 'submitted', scope: null, intent: null, title: null };
    const asked = { ...fields, mode: 'direct', target: { displayId } };
    const analysed = await cloud.call('POST', '/api/sdk/v1/analyses', { token, headers: key, body: asked });
    expect(AnalysisShape.parse(analysed.body).state).toBe('completed');
    const shown = cloud.published.findLast(({ command }) => command.kind === 'image')?.command;
    return shown?.kind === 'image' ? (shown.body.page.pictures[0]?.sha256 ?? '') : '';
  }

  test('a hub fetches the pictures of its own displays, byte by byte, and no others', async () => {
    const [mine, theirs] = [await cloud.signUp(), await cloud.signUp()];
    const [hub, stranger, unbound] = [await cloud.bindHub(mine), await cloud.bindHub(theirs), await cloud.provision()];
    const bytes = await png(16, 16);
    const url = `/v1/assets/${await showPicture(mine, hub.displayId, bytes)}`;
    const fetched = await cloud.app.inject({ url, headers: { authorization: `Bearer ${await hub.token()}` } });
    expect(fetched.statusCode).toBe(200);
    expect(fetched.rawPayload.equals(bytes)).toBe(true);
    for (const other of [stranger, unbound]) {
      expect(await cloud.call('GET', url, { token: await other.token() })).toMatchObject({
        ...{ status: 404, body: { error: { code: 'asset_not_found' } } },
      });
    }
    const unknown = `/v1/assets/${'0'.repeat(64)}`;
    expect(await cloud.call('GET', unknown, { token: await hub.token() })).toMatchObject({ status: 404 });
    expect(await cloud.call('GET', url, { token: await cloud.personalAccessToken(mine) })).toMatchObject({
      status: 401,
    });
  });
});
