import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'site',
    include: ['test/**/*.test.ts'],
    // A browser on a machine that others use.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
