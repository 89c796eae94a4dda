import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = join(root, 'consumers/build/programs')

/** What every runtime runs, as plain JavaScript: most of them read no TypeScript, or other rules of it. */
export interface Programs {
  /** Takes the name of a back end. */
  readonly suite: string
  /** README's complete program, and what it prints. */
  readonly thermostat: string
  readonly thermostatPrints: string
  readonly chatServer: string
  readonly chat: string
}

export async function makePrograms(): Promise<Programs> {
  const { bundlePrograms, programs } = (await import(
    join(root, 'packages/iocp-core/scripts/sanitize/programs.mjs')
  )) as { bundlePrograms(): Promise<void>; programs: { suite: string } }
  await bundlePrograms()
  const example = join(root, 'examples/thermostat.ts')
  return {
    suite: programs.suite,
    thermostat: await bundle(example, 'thermostat'),
    thermostatPrints: [...readFileSync(example, 'utf8').matchAll(/^\/\/> (.*)$/gm)]
      .map(([, row]) => row)
      .join('\n'),
    chatServer: await bundle(join(root, 'apps/demo/src/server/main.ts'), 'chat-server'),
    chat: await bundle(join(root, 'apps/demo/src/terminal/main.ts'), 'chat'),
  }
}

async function bundle(entry: string, name: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    logLevel: 'error',
    // What is CommonJS inside asks for node's own modules by `require`.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'\nconst require = makeRequire(import.meta.url)",
    },
  })
  return outfile
}
