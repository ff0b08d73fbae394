import { defineConfig } from 'vitest/config';
import { FileOrder } from './test/support/file-order.js';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.inklet/**', '**/*.long.test.ts'],
    pool: 'forks',
    // Twice the cores of the smallest machine: many tests wait for processes, links and readers.
    maxWorkers: 4,
    // Nothing of ours is kept between files: loading everything anew for each of them takes more time than many tests.
    isolate: false,
    sequence: { sequencer: FileOrder },
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
