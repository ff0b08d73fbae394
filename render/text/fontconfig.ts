import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { checkFonts, FONTS_DIR } from './fonts-dir.js';

let prepared = false;

/**
 * Makes this process draw text with our fonts alone, two-level and hinted, whatever the machine has installed.
 * fontconfig reads its one setting from the process environment when the first text is drawn, so this comes before;
 * later calls do nothing. In a worker thread the environment is the process's only with `env: SHARE_ENV`.
 *
 * @param cacheDir where the configuration and fontconfig's cache lie; left out, a folder of this user's among the
 *   temporary files
 * @throws `render.fonts-missing`
 */
export function useOwnFonts(cacheDir: string = temporaryCacheDir()): void {
  if (prepared) return;
  checkFonts();
  const dir = path.resolve(cacheDir);
  const content = fontsConf(path.join(dir, 'cache'));
  // Two installations may share the folder: each finds its own fonts under a name of its own.
  const file = path.join(dir, `fonts-${createHash('sha256').update(content).digest('hex').slice(0, 16)}.conf`);
  const draft = `${file}.${process.pid}-${process.hrtime.bigint()}`;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(draft, content);
  renameSync(draft, file);
  process.env.FONTCONFIG_FILE = file;
  prepared = true;
}

function fontsConf(cacheDir: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>${escapeXml(FONTS_DIR)}</dir>
  <cachedir>${escapeXml(cacheDir)}</cachedir>
  <alias binding="same"><family>emoji</family><prefer><family>Noto Emoji</family></prefer></alias>
  <match target="font">
    <edit name="antialias" mode="assign"><bool>false</bool></edit>
    <edit name="hinting" mode="assign"><bool>true</bool></edit>
    <edit name="rgba" mode="assign"><const>none</const></edit>
  </match>
</fontconfig>
`;
}

/** Not a folder that somebody else made first: on a shared machine he could lay his own configuration in it. */
function temporaryCacheDir(): string {
  const { uid } = userInfo();
  const dir = path.join(tmpdir(), `inklet-fonts-${uid}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return lstatSync(dir).uid === uid ? dir : mkdtempSync(path.join(tmpdir(), 'inklet-fonts-'));
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
