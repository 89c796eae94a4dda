import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * Starts worker threads with a TypeScript program of this folder. A worker of Node 20 does not take over the loader
 * of TypeScript from its parent, so the program is bundled once.
 */
export function workerStarter(program: string): (data?: object) => Worker {
  const { buildSync } = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))('esbuild')
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    conditions: ['@frameport/source'],
    // The bundle has no file of its own; what it loads is looked for from here.
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
  })
  const source = new URL(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)
  return (data = {}) => new Worker(source, { workerData: data })
}
