import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

/**
 * Table 1: which folder may import from which, and by which door. `types` allows type imports alone, `leaves` the doors of
 * pure leaves alone, and `technician` the technician's tool alone.
 */
const MAY_KNOCK_ON: Record<string, Record<string, 'any' | 'types' | 'leaves' | 'technician'>> = {
  contract: {},
  hardware: {},
  render: { hardware: 'types' },
  provisioning: { hardware: 'any', contract: 'any', render: 'technician' },
  'cloud-api': { contract: 'any', render: 'any', provisioning: 'leaves' },
  hub: { contract: 'any', hardware: 'any', render: 'any', provisioning: 'any' },
  'device-sim': {
    contract: 'any',
    hardware: 'any',
    render: 'any',
    provisioning: 'any',
    'cloud-api': 'any',
    hub: 'any',
  },
  test: {
    contract: 'any',
    hardware: 'any',
    render: 'any',
    provisioning: 'any',
    'cloud-api': 'any',
    hub: 'any',
    'device-sim': 'any',
  },
};

/** Table 2: each native or heavy package has one home; a test may use the real thing too. */
const HOMES: Record<string, readonly string[]> = {
  'better-sqlite3': ['hub/storage'],
  koffi: ['hardware/linux'],
  sharp: ['render'],
  'nfc-pcsc': ['hardware/nfc'],
  'aws-iot-device-sdk-v2': ['provisioning/mqtt'],
  '@aws-sdk/client-iot': ['cloud-api/iot-control'],
  mqtt: ['cloud-api/link', 'provisioning/mqtt'],
  'mqtt-packet': ['device-sim/iot-core'],
  cborg: ['device-sim/iot-core'],
  '@electric-sql/pglite': ['cloud-api/database'],
  pg: ['cloud-api/database'],
  '@node-rs/argon2': ['cloud-api/auth'],
  pdfkit: ['provisioning/technician'],
};

/** Doors besides a folder's own `index.ts`. */
const INNER_DOORS = ['provisioning/hw-id/index.ts', 'provisioning/work-order/index.ts'];

type Import = { specifier: string; typeOnly: boolean };

/** Every broken rule of one source file, in words; `file` is its path from the root with forward slashes. */
function brokenRules(file: string, source: string): string[] {
  const [folder = ''] = file.split('/');
  const isTest = folder === 'test' || file.endsWith('.test.ts');
  const broken: string[] = [];
  if (/^export \*/m.test(source)) broken.push(`${file}: export * hides what a door offers`);
  for (const { specifier, typeOnly } of importsOf(source)) {
    if (specifier.startsWith('.')) broken.push(...brokenKnock(file, folder, specifier, typeOnly));
    else if (!isTest) broken.push(...brokenHome(file, specifier));
  }
  return broken;
}

function brokenKnock(file: string, folder: string, specifier: string, typeOnly: boolean): string[] {
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)).replace(/\.js$/, '.ts');
  const [targetFolder = ''] = target.split('/');
  if (targetFolder === folder || !(targetFolder in MAY_KNOCK_ON)) return [];
  // Tests beside the source share their fixtures with those of test/.
  if (file.endsWith('.test.ts') && target.startsWith('test/support/')) return [];
  const leave = MAY_KNOCK_ON[folder]?.[targetFolder];
  if (leave === undefined) return [`${file}: ${folder} may not import from ${targetFolder}`];
  const broken: string[] = [];
  // A harness builds parts of the product by hand; doors wide enough for it would be too wide for everybody else.
  const atDoor = folder === 'test' || target === `${targetFolder}/index.ts` || INNER_DOORS.includes(target);
  if (!atDoor) broken.push(`${file}: ${specifier} is not the front door of ${targetFolder}`);
  if (leave === 'types' && !typeOnly) broken.push(`${file}: ${folder} may import only types from ${targetFolder}`);
  if (leave === 'technician' && !file.startsWith(`${folder}/technician/`)) {
    broken.push(`${file}: ${targetFolder} is for the technician's tool`);
  }
  if (leave === 'leaves' && !INNER_DOORS.includes(target)) {
    broken.push(`${file}: ${folder} may import only the pure leaves of ${targetFolder}`);
  }
  return broken;
}

function brokenHome(file: string, specifier: string): string[] {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const homes = HOMES[name];
  if (homes === undefined || homes.some((home) => file.startsWith(`${home}/`))) return [];
  return [`${file}: ${name} lives in ${homes.join(' and ')}`];
}

function importsOf(source: string): Import[] {
  const imports: Import[] = [];
  const statement = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
  for (const match of source.matchAll(statement)) {
    const names = /\{([^}]*)\}/.exec(match[0])?.[1];
    const everyNameIsType = names?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
    imports.push({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined || everyNameIsType === true });
  }
  for (const match of source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    imports.push({ specifier: match[1] ?? '', typeOnly: false });
  }
  return imports;
}

function sourceFiles(): string[] {
  return Object.keys(MAY_KNOCK_ON).flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file.split(path.sep).join('/')}`),
  );
}

describe('the house', () => {
  test('no file of the project breaks a rule of the two tables', () => {
    const files = sourceFiles();
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => brokenRules(file, readFileSync(path.join(ROOT, file), 'utf8')))).toEqual([]);
  });

  test('index.ts is a front door, or a list such as migrations/', () => {
    const doors = [...Object.keys(MAY_KNOCK_ON).map((folder) => `${folder}/index.ts`), ...INNER_DOORS];
    const strangers = sourceFiles().filter((file) => file.endsWith('/index.ts') && !doors.includes(file));
    expect(strangers.filter((file) => !file.includes('/migrations/'))).toEqual([]);
  });

  test('no source file is longer than 300 lines, tables of data aside', () => {
    const tables = ['hardware/epd/panels.ts', 'render/icons/icon-paths.ts'];
    const long = sourceFiles()
      .filter((file) => !tables.includes(file) && !file.endsWith('.test.ts'))
      .filter((file) => readFileSync(path.join(ROOT, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });

  test.each([
    ['hub/a.ts', "import { x } from '../cloud-api/index.js';", 'hub may not import from cloud-api'],
    ['contract/a.ts', "import { x } from '../hardware/index.js';", 'contract may not import from hardware'],
    ['hub/a.ts', "import { x } from '../render/frame/pack.js';", 'not the front door'],
    ['hub/a.ts', "const x = await import('../device-sim/index.js');", 'hub may not import from device-sim'],
    ['render/a.ts', "import { packFrame } from '../hardware/index.js';", 'only types'],
    ['cloud-api/a.ts', "import { x } from '../provisioning/index.js';", 'only the pure leaves'],
    ['provisioning/fleet/a.ts', "import { x } from '../../render/index.js';", "for the technician's tool"],
    ['hub/api/a.ts', "import PDFDocument from 'pdfkit';", 'pdfkit lives in provisioning/technician'],
    ['hub/api/a.ts', "import sharp from 'sharp';", 'sharp lives in render'],
    ['hub/api/a.ts', "import { mqtt5 } from 'aws-iot-device-sdk-v2/dist/mqtt5.js';", 'aws-iot-device-sdk-v2 lives in'],
    ['hub/a.ts', "import { x } from '../test/support/box.js';", 'hub may not import from test'],
    ['hub/a.test.ts', "import { x } from '../device-sim/index.js';", 'hub may not import from device-sim'],
    ['hub/index.ts', "export * from './hub.js';", 'export *'],
    ['hub/a.ts', "export { x } from '../device-sim/index.js';", 'may not import from device-sim'],
  ])('a broken rule is seen: %s with %s', (file, source, reason) => {
    expect(brokenRules(file, source).join('\n')).toContain(reason);
  });

  test.each([
    ['render/a.ts', "import type { Frame } from '../hardware/index.js';"],
    ['render/b/a.ts', "import { type Frame, type Ink } from '../../hardware/index.js';"],
    ['cloud-api/device/a.ts', "import { verifyHwId } from '../../provisioning/hw-id/index.js';"],
    ['cloud-api/device/a.ts', "import { verifyWorkOrder } from '../../provisioning/work-order/index.js';"],
    ['provisioning/technician/a.ts', "import { x } from '../../render/index.js';"],
    ['hub/storage/a.ts', "import Database from 'better-sqlite3';"],
    ['hub/a.test.ts', "import Database from 'better-sqlite3';"],
    ['hub/a.test.ts', "import { box } from '../test/support/box.js';"],
    ['test/support/cloud.ts', "import { x } from '../../cloud-api/database/database.js';"],
  ])('what is allowed is let through: %s with %s', (file, source) => {
    expect(brokenRules(file, source)).toEqual([]);
  });
});
