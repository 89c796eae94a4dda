import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** One shape for every package's test run: sources, not builds, and no shared state between files. */
export function packageTests(name: string, include = 'test/**/*.test.ts') {
  return defineConfig({
    resolve: { conditions: ['@frameport/source'] },
    ssr: { resolve: { conditions: ['@frameport/source', 'node', 'import', 'module', 'default'] } },
    test: {
      name,
      include: [include],
      setupFiles: [fileURLToPath(new URL('./vitest.setup.ts', import.meta.url))],
      // What is bound to happen takes its time on a machine that others use; a test that needs more says so.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 20_000, interval: 10 } },
    },
  })
}
