import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtAddon, bundle, makePlace, type Place, reportOf, run } from './bundles.ts'

/** A separate project: `npm ci --ignore-scripts --prefix packages/iocp-core/test/embedding/runtimes`. */
const installed = fileURLToPath(new URL('runtimes/node_modules/', import.meta.url))
const deno = join(installed, '@deno/linux-x64-glibc/deno')
const webpack = join(installed, 'webpack/lib/index.js')
const onNet = { backend: 'net', echoed: 3, epoll: 'BACKEND_UNAVAILABLE' }
const native = { backend: expect.stringMatching(/io_uring|epoll/), echoed: 3, epoll: 'opened' }
const isBuilt = existsSync(builtAddon)

describe.runIf(isBuilt && existsSync(deno))('Deno (where test/embedding/runtimes is installed)', () => {
  let beside: Place
  let file: string
  beforeAll(async () => {
    beside = makePlace('beside')
    file = await bundle(beside, 'esm')
  })
  afterAll(() => beside.remove())

  test.each([
    [['--allow-net'], 'read'],
    [['--allow-net', '--allow-env'], 'read'],
    [['--allow-net', '--allow-sys'], 'read'],
    [['--allow-net', '--allow-env', '--allow-sys', '--allow-read'], 'ffi'],
  ])('uses net with only %j, and says which permission is missing', async (flags, missing) => {
    const report = reportOf(await run(deno, ['run', '--no-prompt', ...flags, file]))
    expect(report).toMatchObject({ ...onNet, cause: 'no_permission' })
    expect(report.reason).toContain(`Requires ${missing} access`)
    expect(report.fix).toContain('--allow-ffi')
  })

  test.each([[['--allow-net', '--allow-read', '--allow-ffi']], [['--allow-all']]])(
    'uses a native back end with %j',
    async (flags) => {
      expect(reportOf(await run(deno, ['run', '--no-prompt', ...flags, file]))).toMatchObject(native)
    },
  )
})

describe.runIf(isBuilt && existsSync(webpack))('webpack (where test/embedding/runtimes is installed)', () => {
  const places: Place[] = []
  afterAll(() => {
    for (const place of places) place.remove()
  })

  /** webpack does not know TypeScript: it gets the output of esbuild, which still contains `import.meta.url`. */
  async function pack(where: 'beside' | 'away', format: 'cjs' | 'esm'): Promise<string> {
    const place = makePlace(where)
    const source = makePlace('away')
    places.push(place, source)
    const entry = await bundle(source, 'esm')
    const filename = format === 'cjs' ? 'packed.cjs' : 'packed.mjs'
    const asModule = format === 'esm'
    const settings = {
      entry,
      target: 'node20.19',
      mode: 'production',
      output: { path: place.folder, filename, module: asModule },
      experiments: { outputModule: asModule },
    }
    const maker = join(source.folder, 'pack.cjs')
    writeFileSync(
      maker,
      `require(${JSON.stringify(webpack)})(${JSON.stringify(settings)}, (error, stats) => {
        if (error || stats.hasErrors()) throw error ?? new Error(stats.toString())
      })`,
    )
    const made = await run(process.execPath, [maker])
    expect(made.stderr).toBe('')
    // The bundle may run on another machine, so its sources are removed.
    source.remove()
    return join(place.folder, filename)
  }

  test.each(['cjs', 'esm'] as const)('uses net far from node_modules, and says why (%s)', async (format) => {
    const report = reportOf(await run(process.execPath, [await pack('away', format)]))
    expect(report).toMatchObject({ ...onNet, cause: 'bundled' })
  })

  test.each(['cjs', 'esm'] as const)(
    'uses a native back end beside the package, wherever the bundle was made (%s)',
    async (format) => {
      expect(reportOf(await run(process.execPath, [await pack('beside', format)]))).toMatchObject(native)
    },
  )
})
