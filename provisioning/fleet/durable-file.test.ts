import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readIfThere, writeDurably } from './durable-file.js';

const OLD = '{"phase":"KEY_MADE"}\n';
const NEW = '{"phase":"CERT_ISSUED"}\n';
const NAME = 'state.json';

const folderTest = test
  .extend('prefix', path.join(tmpdir(), 'inklet-durable-'))
  .extend('dir', async ({ prefix }, { onCleanup }) => {
    const dir = await mkdtemp(prefix);
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  });

/**
 * Every state in which a power cut may leave the folder of a file that is being replaced: the file is the old one, none, or
 * the new one, and of the temporary file there is nothing, a name, a part, or all. Nothing else is left once it was renamed.
 */
const LEFT: readonly { file: string | undefined; temporary: string | undefined }[] = [
  ...[undefined, OLD].flatMap((file) =>
    [undefined, '', NEW.slice(0, 1), NEW.slice(0, 9), NEW].map((temporary) => ({ file, temporary })),
  ),
  { file: NEW, temporary: undefined },
];

folderTest.for(LEFT)(
  'after a power cut that left %j, the file is whole, and the next write too',
  async (left, { dir }) => {
    const file = path.join(dir, NAME);
    if (left.file !== undefined) await writeFile(file, left.file, { mode: 0o600 });
    if (left.temporary !== undefined) await writeFile(`${file}.new`, left.temporary, { mode: 0o600 });
    expect(await readIfThere(file)).toBe(left.file);
    await writeDurably(file, NEW);
    expect(await readIfThere(file)).toBe(NEW);
    expect(await readdir(dir)).toEqual([NAME]);
  },
);

folderTest('what others could read is not written into, but replaced', async ({ dir }) => {
  const file = path.join(dir, NAME);
  await writeFile(file, OLD, { mode: 0o644 });
  await writeFile(`${file}.new`, '', { mode: 0o644 });
  await writeDurably(file, NEW);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
