import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { stranger, takeHome } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { pngToFrame } from '../../render/index.js';
import { startTestHousehold } from '../support/household.js';
import { test } from '../support/hub-site.js';

const LIMIT_MS = 90_000;

// With a profile of its own for the hub, every picture in the cloud was another than that on the glass.
test('a hub that draws with a profile of its own has previews of the same frames', { timeout: LIMIT_MS }, async ({
  dir,
  signal,
  onTestFinished,
}) => {
  const home = await takeHome(dir, { fresh: false });
  onTestFinished(() => home.release());
  const household = await startTestHousehold(home, { env: { INKLET_PROFILE: 'high-contrast-mono' } });
  onTestFinished(() => household.stop());
  const { cloudUrl, pat, displays } = household.address;
  const api = stranger(cloudUrl, pat, systemClock);
  const ramp = Buffer.from(Uint8Array.from({ length: 256 * 96 }, (_, at) => at % 256));
  const imageFile = path.join(dir, 'ramp.png');
  await writeFile(
    imageFile,
    await sharp(ramp, { raw: { width: 256, height: 96, channels: 1 } })
      .png()
      .toBuffer(),
  );
  const sent = await api.send({ imageFile }, displays[0]?.id ?? '', signal);
  expect(sent).toMatchObject({ state: 'confirmed', frameSha256: household.world.wall.sha256 });
  const preview = await pngToFrame(await api.preview(sent.presentationId, 'png', signal), ['black', 'white']);
  expect(preview.sha256).toBe(sent.frameSha256);
});
