import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * A TypeScript program of this folder as one piece of JavaScript: a worker thread of Node 20 does not take over the
 * loader of TypeScript from its parent, and a process that starts without it starts ten times as fast.
 */
export function bundle(program: string): string {
  // The bundle has no file of its own; what it loads is looked for from here.
  const file = fileURLToPath(import.meta.url)
  return build(program, {
    'import.meta.url': JSON.stringify(import.meta.url),
    'import.meta.filename': JSON.stringify(file),
  })
}

/** The package itself as one piece of JavaScript, which looks for its addon from wherever it is put. */
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
