import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  builtAddon,
  bundle,
  type Ended,
  makePlace,
  type Place,
  reportOf,
  run,
  transformEach,
  writeInto,
} from './bundles.ts'

const node = process.execPath
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
/** The flag lost its `experimental` in Node 23.5 and 22.13. */
const permissionFlag =
  major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13)
    ? '--permission'
    : '--experimental-permission'
const onNet = { backend: 'net', echoed: 3, epoll: 'BACKEND_UNAVAILABLE' }
const native = { backend: expect.stringMatching(/io_uring|epoll/), echoed: 3, epoll: 'opened' }
const isBuilt = existsSync(builtAddon)

describe.runIf(process.platform === 'linux')('looking for the addon never throws', () => {
  let beside: Place
  let away: Place
  let transformed: Place
  let files: {
    readonly beside: string
    readonly besideCjs: string
    readonly away: string
    readonly awayCjs: string
  }

  beforeAll(async () => {
    beside = makePlace('beside')
    away = makePlace('away')
    transformed = makePlace('beside')
    files = {
      beside: await bundle(beside, 'esm'),
      besideCjs: await bundle(beside, 'cjs'),
      away: await bundle(away, 'esm'),
      awayCjs: await bundle(away, 'cjs'),
    }
  })
  afterAll(() => {
    for (const place of [beside, away, transformed]) place.remove()
  })

  test.each(['away', 'awayCjs'] as const)(
    'a bundle far from node_modules (%s) uses net, and says why',
    async (name) => {
      const report = reportOf(await run(node, [files[name]]))
      expect(report).toMatchObject({ ...onNet, cause: 'bundled' })
      expect(report.fix).toContain('FRAMEPORT_ADDON')
    },
  )

  test.runIf(isBuilt).each(['beside', 'besideCjs'] as const)(
    'a bundle beside the package (%s) uses a native back end',
    async (name) => {
      expect(reportOf(await run(node, [files[name]]))).toMatchObject(native)
    },
  )

  test.runIf(isBuilt).each(['away', 'awayCjs'] as const)(
    'a bundle (%s) takes the addon that FRAMEPORT_ADDON names',
    async (name) => {
      expect(reportOf(await run(node, [files[name]], { FRAMEPORT_ADDON: builtAddon }))).toMatchObject(native)
    },
  )

  describe.runIf(isBuilt && process.arch === 'x64').each(['esm', 'cjs'] as const)(
    'a bundle (%s) beside only the package with the addon',
    (format) => {
      async function start(bundledVersion: string): Promise<Ended> {
        const place = makePlace('away')
        try {
          const folder = join(place.folder, 'node_modules/@frameport/iocp-core-linux-x64-gnu')
          mkdirSync(folder, { recursive: true })
          copyFileSync(builtAddon, join(folder, 'frameport.node'))
          writeFileSync(join(folder, 'package.json'), '{ "version": "1.0.0", "main": "frameport.node" }')
          return await run(node, [await bundle(place, format, bundledVersion)])
        } finally {
          place.remove()
        }
      }

      test('uses a native back end', async () => {
        expect(reportOf(await start('1.0.0'))).toMatchObject(native)
      })

      test('uses net if it has another version, and names both versions', async () => {
        const report = reportOf(await start('1.1.0'))
        expect(report).toMatchObject({ ...onNet, cause: 'addon_outdated' })
        expect(report.reason).toMatch(/1\.0\.0.*1\.1\.0/)
      })
    },
  )

  test.runIf(isBuilt)('sources compiled to CommonJS one by one use a native back end', async () => {
    const main = await transformEach(transformed)
    const asCommonJs = writeInto(
      transformed,
      'run.cjs',
      `const { readFileSync } = require('node:fs')
      require.extensions['.ts'] = (module, file) => module._compile(readFileSync(file, 'utf8'), file)
      require(${JSON.stringify(main)})`,
    )
    expect(reportOf(await run(node, [asCommonJs]))).toMatchObject(native)
  })

  test('code in a vm context, which knows no file, uses net', async () => {
    const program = `
      const vm = require('node:vm')
      const text = require('node:fs').readFileSync(${JSON.stringify(files.awayCjs)}, 'utf8')
      const globals = { require, process, module: { exports: {} }, exports: {}, console, setTimeout, clearTimeout,
        setImmediate, queueMicrotask, performance, AbortController, Uint8Array, ArrayBuffer, SharedArrayBuffer, Buffer, URL }
      vm.runInNewContext(text, globals)`
    expect(reportOf(await run(node, ['--eval', program]))).toMatchObject({ ...onNet, cause: 'bundled' })
  })

  test.runIf(isBuilt)('--no-addons gives net, and the report names the flag', async () => {
    const report = reportOf(await run(node, ['--no-addons', files.beside]))
    expect(report).toMatchObject({ ...onNet, cause: 'addons_disabled' })
    expect(report.fix).toContain('--no-addons')
  })

  test.runIf(isBuilt)(
    'a worker thread without addons uses net, and its process a native back end',
    async () => {
      const program = `
      const { Worker } = require('node:worker_threads')
      new Worker(${JSON.stringify(files.besideCjs)}, { execArgv: ['--no-addons'] })
        .on('error', (error) => { throw error })
        .on('exit', () => require(${JSON.stringify(files.besideCjs)}))`
      const { stdout, stderr } = await run(node, ['--eval', program])
      const [inWorker = stderr, inProcess = stderr] = stdout.trim().split('\n')
      expect(JSON.parse(inWorker)).toMatchObject({ ...onNet, cause: 'addons_disabled' })
      expect(JSON.parse(inProcess)).toMatchObject(native)
    },
  )

  describe('under the permissions of Node', () => {
    test.runIf(isBuilt)('it uses net without addons, and the report names the permission', async () => {
      const report = reportOf(await run(node, [permissionFlag, '--allow-fs-read=*', files.beside]))
      expect(report).toMatchObject({ ...onNet, cause: 'no_permission' })
      expect(report.fix).toContain('--allow-addons')
    })

    test.runIf(isBuilt)('it uses a native back end with addons', async () => {
      const args = [permissionFlag, '--allow-fs-read=*', '--allow-addons', files.beside]
      expect(reportOf(await run(node, args))).toMatchObject(native)
    })

    test.each([[], ['--allow-addons']])(
      'it uses net without the right to read the package (%j)',
      async (...flags) => {
        // Node.js itself has to read only the folders above its program.
        const args = [permissionFlag, `--allow-fs-read=${away.folder}/*`, ...flags, files.awayCjs]
        const report = reportOf(await run(node, args))
        expect(report).toMatchObject({ ...onNet, cause: expect.stringMatching(/no_permission|bundled/) })
      },
    )
  })

  describe('with a file that is no addon', () => {
    test.each([
      ['is text', 'broken.node', 'this is text', 'addon_broken'],
      ['is an empty file', 'empty.node', '', 'addon_broken'],
      ['exports something else', 'other.cjs', 'module.exports = { hello: 1 }', 'addon_broken'],
      ['exports nothing', 'nothing.cjs', 'module.exports = undefined', 'addon_broken'],
      ['throws a string', 'thrower.cjs', 'throw "no reason"', 'addon_broken'],
      ['throws undefined', 'undefined.cjs', 'throw undefined', 'addon_broken'],
      [
        'throws when it is probed',
        'asked.cjs',
        'exports.backends = ["epoll", "io_uring"]; exports.probe = () => { throw new TypeError("oops") }',
        'addon_broken',
      ],
    ])('that %s, it uses net', async (_what, name, text, cause) => {
      const file = writeInto(away, name, text)
      const report = reportOf(await run(node, [files.away], { FRAMEPORT_ADDON: file }))
      expect(report).toMatchObject({ ...onNet, cause })
      expect(report.reason).toBeTruthy()
    })

    test('that is a folder, it uses net', async () => {
      const report = reportOf(await run(node, [files.away], { FRAMEPORT_ADDON: away.folder }))
      expect(report).toMatchObject({ ...onNet, cause: 'no_addon' })
    })
  })

  test.runIf(isBuilt && process.getuid?.() === 0)(
    'it uses net if the addon is in a folder that this user may not enter',
    async () => {
      const closed = join(away.folder, 'closed')
      mkdirSync(closed)
      copyFileSync(builtAddon, join(closed, 'frameport.node'))
      chmodSync(closed, 0o700)
      chmodSync(away.folder, 0o755)
      const program = `process.setgid(65534); process.setuid(65534); require(${JSON.stringify(files.awayCjs)})`
      const environment = { FRAMEPORT_ADDON: join(closed, 'frameport.node') }
      const report = reportOf(await run(node, ['--eval', program], environment))
      expect(report).toMatchObject({ ...onNet, cause: 'no_permission' })
      expect(report.fix).toContain('read')
    },
  )

  test.each([
    [
      'the environment',
      'process.env = new Proxy({}, { get(_, name) { if (/FRAMEPORT/.test(name)) throw new Error("no") } })',
    ],
    ['files', 'for (const name of ["readFileSync", "existsSync", "statSync", "accessSync"]) fs[name] = fail'],
    ['the system', 'os.release = fail; os.availableParallelism = fail; process.report = undefined'],
  ])('a runtime that refuses all access to %s uses net', async (_what, refusal) => {
    const program = `
      const fs = require('node:fs'), os = require('node:os')
      const file = ${JSON.stringify(files.awayCjs)}
      const text = fs.readFileSync(file, 'utf8')
      const fail = () => { throw Object.assign(new Error('not this'), { code: 'ERR_ACCESS_DENIED' }) }
      ${refusal}
      module._compile(text, file)`
    const main = writeInto(away, 'refusing.cjs', program)
    expect(reportOf(await run(node, [main]))).toMatchObject(onNet)
  })
})
