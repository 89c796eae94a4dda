import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const worker = join(root, 'dist/worker.js')
const program = `
import { sqliteEventLog } from '@frameport/log-sqlite'
try {
  const log = await sqliteEventLog({ path: ':memory:' })
  const body = { encoding: 'raw', bytes: new Uint8Array(3) }
  console.log((await log.append({ event: 'e', topic: 't', body })).number)
  await log.close()
} catch ({ message }) {
  console.log(message)
}
`

async function print(...flags: string[]): Promise<string> {
  return (await run(process.execPath, flags, { cwd: root })).stdout.trim()
}

describe('the thread of a log', () => {
  it('is found from the sources of a clone, through tsx', async () => {
    const flags = [
      '--conditions=@frameport/source',
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      program,
    ]
    expect(await print(...flags)).toBe('1')
  })

  it('is found from the build', async () => {
    expect(existsSync(worker), 'npm run build comes first').toBe(true)
    expect(await print('--input-type=module', '--eval', program)).toBe('1')
  })
})

describe('a bundle of a program', () => {
  let folder = ''
  // The folder is inside the package, so that libsql is found. It has binaries and stays out of bundles.
  beforeAll(() => {
    folder = mkdtempSync(join(root, 'dist', 'bundle-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function bundle(name: string, withWorker: boolean): Promise<string> {
    const common = {
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['libsql'],
    } satisfies BuildOptions
    const outfile = join(folder, name, 'main.js')
    await build({ ...common, stdin: { contents: program, resolveDir: root }, outfile })
    if (withWorker)
      await build({ ...common, entryPoints: [worker], outfile: join(folder, name, 'worker.js') })
    return outfile
  }

  it('finds the thread if worker.js is next to it', async () => {
    expect(await print(await bundle('both', true))).toBe('1')
  })

  it('fails with advice if worker.js is missing', async () => {
    expect(await print(await bundle('alone', false))).toContain(
      'mark `@frameport/log-sqlite` and `libsql` as external',
    )
  })
})
