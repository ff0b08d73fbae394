import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CloudConfigSchema, readConfig } from './config.js';

const PropertySchema = z.object({ description: z.string(), default: z.union([z.string(), z.number()]).optional() });
const DescribedSchema = z.object({ properties: z.record(z.string(), PropertySchema), required: z.array(z.string()) });

/** The cells of the table, row by row; the formatter pads them as it likes. */
function settingsTable(): string[][] {
  const { properties, required } = DescribedSchema.parse(z.toJSONSchema(CloudConfigSchema, { io: 'input' }));
  return Object.entries(properties).map(([name, { description, default: fallback }]) => {
    const absent = required.includes(name) ? 'required' : fallback === undefined ? '' : `\`${fallback}\``;
    return [`\`${name}\``, absent, description];
  });
}

test('the README lists the settings as they are', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
  const listed = readme
    .split('\n')
    .filter((line) => line.startsWith('| `INKLET_'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  expect(listed).toEqual(settingsTable());
});

test('a folder is enough to begin with', () => {
  expect(readConfig({ INKLET_DATA_DIR: 'data', INKLET_DATABASE_URL: '', PATH: '/bin' })).toMatchObject({
    INKLET_HOST: '127.0.0.1',
    INKLET_PORT: 3000,
    INKLET_DATA_DIR: 'data',
    INKLET_IOT_CLIENT_ID: 'inklet-backend',
  });
});

test('every problem is named at once', () => {
  const environment = { INKLET_PORT: '70000', INKLET_DATABASE_URL: 'mysql://x', INKLET_LOG_LEVEL: 'loud' };
  expect(() => readConfig(environment)).toThrow(
    expect.objectContaining({
      code: 'config.invalid',
      message: expect.stringMatching(/INKLET_PORT.*INKLET_DATA_DIR.*INKLET_DATABASE_URL.*INKLET_LOG_LEVEL/),
    }),
  );
});

test('trusted proxies are addresses or networks', () => {
  const read = (list: string) => readConfig({ INKLET_DATA_DIR: 'data', INKLET_TRUSTED_PROXIES: list });
  expect(read('10.0.0.1, fd00::/8').INKLET_TRUSTED_PROXIES).toEqual(['10.0.0.1', 'fd00::/8']);
  expect(() => read('the-proxy')).toThrow(/INKLET_TRUSTED_PROXIES/);
});

test('a broker needs its certificates', () => {
  const environment = { INKLET_DATA_DIR: 'data', INKLET_IOT_ENDPOINT: 'broker' };
  expect(() => readConfig(environment)).toThrow(/INKLET_IOT_CA_FILE.*INKLET_IOT_CERT_FILE.*INKLET_IOT_KEY_FILE/);
});

test('instances that share messages need a client id of their own', () => {
  const shared = { INKLET_DATA_DIR: 'data', INKLET_IOT_SHARED_GROUP: 'cloud' };
  expect(() => readConfig(shared)).toThrow(/INKLET_IOT_CLIENT_ID: needed with INKLET_IOT_SHARED_GROUP/);
  expect(readConfig({ ...shared, INKLET_IOT_CLIENT_ID: 'inklet-backend-1' })).toMatchObject(shared);
});
