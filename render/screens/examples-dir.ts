import path from 'node:path';

/** Where an example of each screen's data lies, as `<name>.json`. */
export const EXAMPLES_DIR = path.join(import.meta.dirname, 'examples');
