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
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  })
}
