import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Process-level tests fork, signal and count descriptors: a thread of a shared process would see its neighbours'.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
