import { defineConfig } from 'tsdown'

/** One shape for every published package: ESM, declarations, and source maps that reach the shipped sources. */
export function packageBuild(options: {
  entry: string[] | Record<string, string>
  /** Expressions that take the place of names. */
  define?: Record<string, string>
}) {
  return defineConfig({
    entry: options.entry,
    define: options.define ?? {},
    format: 'esm',
    platform: 'neutral',
    target: 'node20',
    dts: { sourcemap: true },
    // What `await using` closes has a method of this name. A bundled declaration keeps no directive of its parts.
    banner: { dts: '/// <reference lib="esnext.disposable" />' },
    sourcemap: true,
    clean: true,
    fixedExtension: false,
    external: [/^node:/, /^@frameport\//],
    inputOptions: { resolve: { conditionNames: ['types', 'import', 'default'] } },
  })
}
