import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('../../', import.meta.url));
const DIST = path.basename(HERE) === 'dist' ? HERE : path.join(HERE, 'dist');

/** The path of a built file: processes run as they are built, whether this file itself was built or not. */
export function built(...parts: string[]): string {
  return path.join(DIST, ...parts);
}
