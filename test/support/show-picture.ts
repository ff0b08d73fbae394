import { z } from 'zod';
import type { TestCloud, TestPerson } from './cloud.js';
import { AnalysisShape, TicketedShape } from './sdk-shapes.js';

/** Shows a picture on a display through the public API; gives the SHA-256 by which its hub is to fetch it. */
export async function showPicture(
  cloud: TestCloud,
  person: TestPerson,
  displayId: string,
  bytes: Buffer,
): Promise<string> {
  const token = await cloud.personalAccessToken(person);
  const key = { 'idempotency-key': 'one-picture' };
  const asset = { type: 'image', filename: 'a.png', contentType: 'image/png', sizeBytes: bytes.length };
  const body = { title: null, assets: [asset] };
  const made = await cloud.call('POST', '/api/sdk/v1/contents', { token, headers: key, body });
  const { content, uploadTickets } = TicketedShape.parse(made.body);
  const form =
    '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n';
  await cloud.app.inject({
    method: 'POST',
    url: new URL(uploadTickets[0]?.url ?? '').pathname,
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    payload: Buffer.concat([Buffer.from(form), bytes, Buffer.from('\r\n--edge--\r\n')]),
  });
  const fields = { contentIds: [content.id], context: 'submitted', scope: null, intent: null, title: null };
  const asked = { ...fields, mode: 'direct', target: { displayId } };
  const analysed = await cloud.call('POST', '/api/sdk/v1/analyses', { token, headers: key, body: asked });
  AnalysisShape.extend({ state: z.literal('completed') }).parse(analysed.body);
  const shown = cloud.published.findLast(({ command }) => command.kind === 'image')?.command;
  return shown?.kind === 'image' ? (shown.body.page.pictures[0]?.sha256 ?? '') : '';
}
