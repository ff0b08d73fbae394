import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkProfile } from './check-profile.js';
import { readConfig } from './config.js';
import { settingsTable } from './settings-table.js';

const NEEDED = { INKLET_DATA_DIR: '/data' };

test('a hub without cloud needs a folder, and finds the panel on its own machine', () => {
  expect(readConfig({ ...NEEDED, PATH: '/bin', INKLET_CLOUD_URL: '' })).toMatchObject({
    INKLET_PORT: 8080,
    INKLET_PANEL: '7in5_V2',
    INKLET_SPI_DEVICE: '/dev/spidev0.0',
    INKLET_WIRING: 'waveshare',
  });
});

test('every problem is told at once, by name', () => {
  const wrong = {
    INKLET_PORT: '99999',
    INKLET_WIRING: 'string',
    INKLET_LOG_LEVEL: 'loud',
    INKLET_TIME_ZONE: 'Kitchen',
  };
  expect(() => readConfig(wrong)).toThrow(
    expect.objectContaining({
      code: 'config.invalid',
      message: expect.stringMatching(
        /INKLET_PORT[\s\S]*INKLET_DATA_DIR[\s\S]*INKLET_WIRING[\s\S]*INKLET_TIME_ZONE[\s\S]*INKLET_LOG_LEVEL/,
      ),
    }),
  );
});

test('what reaches the cloud goes together', () => {
  expect(() => readConfig({ ...NEEDED, INKLET_CLOUD_URL: 'https://cloud.example' })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/INKLET_IOT_ENDPOINT[\s\S]*INKLET_IOT_CA_FILE/) }),
  );
});

test('a profile is one of those for the inks of the panel', async () => {
  const six = { INKLET_PANEL: '7in3e' } as const;
  await checkProfile({ ...six, INKLET_PROFILE: 'spectra6-spectro' });
  await checkProfile({ ...six, INKLET_PROFILE: undefined });
  await expect(checkProfile({ ...six, INKLET_PROFILE: 'ordinary-mono' })).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringMatching(/INKLET_PROFILE: ordinary-mono is not for the panel 7in3e.*spectra6-spectro/),
  });
});

test('the table of settings in the README is the one of the schema', () => {
  // The formatter pads the columns.
  const unpadded = (table: string) => table.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  expect(unpadded(readme)).toContain(unpadded(settingsTable()));
});
