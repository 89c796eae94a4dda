import { basename } from 'node:path'
import { defineConfig } from 'tsdown'

/** One shape for every published package: ESM, declarations, and source maps that reach the shipped sources. */
export function packageBuild(options: {
  entry: string[] | Record<string, string>
  /** Expressions that take the place of names. */
  define?: Record<string, string>
  /**
   * Modules of a file of their own each: those that do something when they are loaded. A bundler may leave out a whole file of
   * which nothing is used, as `sideEffects` in package.json says, and has to keep such a module in any other.
   */
  apart?: RegExp
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
    outputOptions: (output) => ({
      ...output,
      codeSplitting: {
        // What they import is not theirs alone.
        includeDependenciesRecursively: false,
        groups: [{ name: (id) => (options.apart?.test(id) ? basename(id, '.ts') : null) }],
      },
    }),
  })
}
