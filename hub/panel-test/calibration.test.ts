import { expect, test } from 'vitest';
import { panelSpec } from '../../hardware/index.js';
import { renderCalibrationCard } from '../../render/index.js';
import { calibrationCard } from './calibration.js';
import { parsePanelTestOptions } from './options.js';

test.each(['7in3e', '2in13_V4'])(
  'the calibration card of %s fills its glass, in the inks that the hub draws with',
  async (id) => {
    const panel = panelSpec(id);
    const card = calibrationCard(panel, renderCalibrationCard);
    expect(await card.greys()).toBeUndefined();
    expect(await card.withCount(0)).toMatchObject({ width: panel.width, height: panel.height });
  },
);

test('a card is asked for by its name', () => {
  expect(parsePanelTestOptions(['test', '--card', 'calibration'])).toMatchObject({ card: 'calibration' });
  expect(parsePanelTestOptions(['test'])).toMatchObject({ card: 'test' });
  const unknown = expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining('--card') });
  expect(() => parsePanelTestOptions(['test', '--card', 'birthday'])).toThrow(unknown);
});
