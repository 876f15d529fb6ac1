import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    // onnxruntime is a native addon with threads of its own: a process each keeps test files apart
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.real.test.ts'],
          testTimeout: MINUTE_MS / 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          // a transcription uses every core: files and projects run one after another
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 5 * MINUTE_MS,
          // the first hook may pull the weights
          hookTimeout: 10 * MINUTE_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
