import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { FONTS } from './fonts.js';
import { woffToSfnt } from './woff.js';

/** Lays exactly the files of `FONTS` and their licences into a folder; the packages hold many more. */
export function layFonts(packagesDir: string, fontsDir: string): void {
  const licencesDir = path.join(fontsDir, 'licences');
  mkdirSync(licencesDir, { recursive: true });
  const wanted = new Set(['licences']);
  for (const font of FONTS) {
    const packageDir = path.join(packagesDir, font.package);
    copyFileSync(path.join(packageDir, font.licence), path.join(licencesDir, `${font.family}.txt`));
    for (const { from, file } of font.files) {
      layFont(path.join(packageDir, from), path.join(fontsDir, file));
      wanted.add(file);
    }
  }
  for (const file of readdirSync(fontsDir)) if (!wanted.has(file)) rmSync(path.join(fontsDir, file));
}

/** A file that lies there already stays: fontconfig would read it anew after every build. */
function layFont(from: string, to: string): void {
  if (!from.endsWith('.woff')) {
    if (!existsSync(to) || statSync(to).size !== statSync(from).size) copyFileSync(from, to);
    return;
  }
  const content = woffToSfnt(readFileSync(from));
  if (!existsSync(to) || !readFileSync(to).equals(content)) writeFileSync(to, content);
}
