import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'

async function bundled(conditions: string[], platform: 'browser' | 'node'): Promise<Metafile> {
  const result = await build({
    stdin: {
      contents: "export { createClient, safe } from '@frameport/client'",
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform,
    conditions: ['@frameport/source', ...conditions],
    external: ['node:*'],
    logLevel: 'silent',
  })
  return result.metafile
}

async function inputsOf(conditions: string[], platform: 'browser' | 'node'): Promise<string[]> {
  const { inputs } = await bundled(conditions, platform)
  return [
    ...Object.keys(inputs),
    ...Object.values(inputs).flatMap(({ imports }) => imports.map(({ path }) => path)),
  ]
}

/** The modules that leave code in the bundle. */
async function modulesIn(conditions: string[], platform: 'browser' | 'node'): Promise<string[]> {
  const { outputs } = await bundled(conditions, platform)
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))
  return parts.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
}

const isForNode = (path: string) => path.startsWith('node:') || path.includes('iocp-core')

describe('a bundle', () => {
  it('for a browser contains no node: module and no code of the completion port', async () => {
    const inputs = await inputsOf(['browser'], 'browser')
    expect(inputs.some((path) => path.includes('protocol'))).toBe(true)
    expect(inputs.filter(isForNode)).toEqual([])
  })

  it.each(['browser', 'node'] as const)(
    'for %s contains no code that only servers use in a session',
    async (platform) => {
      const modules = await modulesIn([platform], platform)
      const ofServers =
        /\/(event-sender|event-queue|slow-watch|credentials-taker|memory-ledger|named-sessions)\.ts$/
      expect(modules.some((path) => path.endsWith('/session-side.ts'))).toBe(true)
      expect(modules.filter((path) => ofServers.test(path))).toEqual([])
    },
  )

  it('for Node includes TCP', async () => {
    expect((await inputsOf(['node'], 'node')).filter(isForNode)).not.toEqual([])
  })
})
