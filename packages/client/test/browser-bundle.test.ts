import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

async function inputsOf(conditions: string[], platform: 'browser' | 'node'): Promise<string[]> {
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
  const imported = Object.values(result.metafile.inputs).flatMap(({ imports }) =>
    imports.map(({ path }) => path),
  )
  return [...Object.keys(result.metafile.inputs), ...imported]
}

const isForNode = (path: string) => path.startsWith('node:') || path.includes('iocp-core')

describe('a bundle', () => {
  it('for a browser holds no node: module and nothing of the completion port', async () => {
    const inputs = await inputsOf(['browser'], 'browser')
    expect(inputs.some((path) => path.includes('protocol'))).toBe(true)
    expect(inputs.filter(isForNode)).toEqual([])
  })

  it('for Node brings TCP along', async () => {
    expect((await inputsOf(['node'], 'node')).filter(isForNode)).not.toEqual([])
  })
})
