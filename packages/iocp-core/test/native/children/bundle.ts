import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Bundles a TypeScript program of this folder into one piece of JavaScript: a worker thread of Node 20 does not inherit
 * the TypeScript loader of its parent, and a process without the loader starts ten times as fast.
 */
export function bundle(program: string): string {
  // The bundle is not a file, so it resolves its imports from this file.
  const file = fileURLToPath(import.meta.url)
  return build(program, {
    'import.meta.url': JSON.stringify(import.meta.url),
    'import.meta.filename': JSON.stringify(file),
  })
}

/** Bundles the package into one piece of JavaScript, which looks for its addon from the place of the bundle. */
export function bundlePackage(): string {
  return build('../../../src/index.ts', {})
}

function build(program: string, define: Readonly<Record<string, string>>): string {
  const { buildSync } = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))('esbuild')
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    conditions: ['@frameport/source'],
    define,
  })
  return outputFiles[0].text
}
