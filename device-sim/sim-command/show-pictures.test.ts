import { expect, test } from 'vitest';
import { PANELS, panelModes, panelSpec, type ShowMode } from '../../hardware/index.js';
import { frameToPng } from '../../render/index.js';
import { noise } from '../../test/support/noise.js';
import { readFlow } from './recording.js';
import { replayFlow } from './replay-flow.js';
import { showPictures } from './show-pictures.js';

const COLOURS = ['black', 'white', 'green', 'blue', 'red', 'yellow', 'orange'];
const CASES = Object.keys(PANELS).flatMap((id) =>
  panelModes(panelSpec(id)).map((mode): [string, ShowMode] => [id, mode]),
);

async function picture(seed: number) {
  const frame = noise(seed, { width: 60, height: 40, inks: COLOURS.length });
  return { name: `${seed}.png`, bytes: await frameToPng(frame, COLOURS) };
}

test.each(CASES)('%s, %s: the trace of a picture, replayed, shows the same glass', async (id, mode) => {
  const pictures = [await picture(1)];
  const shown = await showPictures({ id, spec: panelSpec(id), pictures, mode });
  expect(shown.glassSha256).toBe(shown.frameSha256);
  expect(shown.lint.filter(({ level }) => level === 'fault')).toEqual([]);
  expect(shown.shown.at(-1)).toMatchObject({ picture: '1.png', mode, reason: 'asked', driven: true });
  const text = JSON.stringify(shown.panel.trace);
  const { trace } = readFlow(text, { file: 'trace.json', panel: id, flow: undefined });
  const replayed = await replayFlow({ id, trace, strictness: 'strict' });
  expect(replayed.refreshes.at(-1)).toMatchObject({ mode });
  expect(replayed.panel.glass.frame(4).sha256).toBe(shown.panel.glass.frame(4).sha256);
});

test('a second picture comes as the refresh policy chooses, after a sleep that no lint speaks of', async () => {
  const pictures = [await picture(1), await picture(2)];
  const { shown, lint } = await showPictures({ id: '7in5_V2', spec: panelSpec('7in5_V2'), pictures, mode: undefined });
  expect(shown.map(({ mode, reason }) => [mode, reason])).toEqual([
    ['full', 'glass-unknown'],
    ['fast', 'large-change'],
  ]);
  expect(lint).toEqual([]);
});

test('the same picture again is not driven', async () => {
  const pictures = [await picture(1), await picture(1)];
  const { shown } = await showPictures({ id: '2in13_V4', spec: panelSpec('2in13_V4'), pictures, mode: undefined });
  expect(shown.at(-1)).toMatchObject({ driven: false, bytes: 0 });
});

test('a single picture by a partial refresh is shown over white', async () => {
  const pictures = [await picture(1)];
  const { shown } = await showPictures({ id: '4in2_V2', spec: panelSpec('4in2_V2'), pictures, mode: 'partial' });
  expect(shown.map(({ picture: name, mode }) => [name, mode])).toEqual([
    ['white', 'full'],
    ['1.png', 'partial'],
  ]);
});

test('a mode that the panel has not is refused with those that it has', async () => {
  const asked = showPictures({
    id: '7in5b_V2',
    spec: panelSpec('7in5b_V2'),
    pictures: [await picture(1)],
    mode: 'grey',
  });
  await expect(asked).rejects.toMatchObject({
    code: 'epd.no-such-mode',
    message: expect.stringContaining('it has full, fast'),
  });
});
