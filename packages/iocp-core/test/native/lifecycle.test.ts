import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentEndpoint } from '../../conformance/support/silent-endpoint.ts'
import { probe } from '../../src/index.ts'
import { nativeBackEnds } from './drivers.ts'
import { type ChildResult, runChild, runNode } from './run-child.ts'
import { filterAbsent } from './system-call-filter.ts'

const patience = { timeout: 120_000 }
const terminations = 20

/** An address that never answers a connect, so that an environment can end while a connect waits. */
let silent: string
const stops: (() => unknown)[] = []
beforeAll(async () => {
  const signal = AbortSignal.timeout(20_000)
  silent = await silentEndpoint({ signal, cleanUp: (stop) => stops.push(stop) })
})
afterAll(() => Promise.all(stops.map((stop) => stop())))

const expectEnd = (result: ChildResult, code: number, said: string | RegExp) => {
  expect(result.output).toMatch(said)
  expect({ code: result.code, signal: result.signal }).toEqual({ code, signal: null })
}

describe.each(nativeBackEnds)('the end of an environment on $backend', ({ backend, absent }) => {
  if (absent) return test.skip('this system refuses it: see probe()', () => undefined)

  const run = (file: string, ...args: string[]) => runChild(file, { args: [backend, ...args] })

  test('worker threads terminated with I/O in flight crash nothing and leave nothing', patience, async () => {
    expectEnd(await run('terminate-workers.ts', String(terminations)), 0, `terminated ${terminations}`)
  })

  test('worker threads terminated while they connect crash nothing and leave nothing', patience, async () => {
    expectEnd(await run('terminate-workers.ts', '10', '', silent), 0, 'terminated 10')
  })

  test('worker threads that exit or throw, in any callback, do not affect others', patience, async () => {
    expectEnd(await run('end-workers.ts'), 0, 'each ended in its own way')
  })

  test(
    'a closed port and an unreferenced open port both let a worker thread end by itself',
    patience,
    async () => {
      expectEnd(await run('workers-end.ts'), 0, 'ended 0 0')
    },
  )

  test('process.exit and uncaught errors end the process as usual, in any callback', patience, async () => {
    expectEnd(await run('end-processes.ts'), 0, 'each ended in its own way')
  })

  test('process.exit with a connect in flight gives its own exit code', patience, async () => {
    expectEnd(await run('exit-while-connecting.ts', silent), 23, /^$/)
  })

  test(
    'ports that were never closed are collected with their threads and descriptors',
    patience,
    async () => {
      const args = [backend]
      expectEnd(await runChild('collect-ports.ts', { args, nodeArguments: ['--expose-gc'] }), 0, 'collected')
    },
  )

  test(
    'errors of event handlers reach uncaughtException, and the rest of the batch is delivered',
    patience,
    async () => {
      expectEnd(await run('throwing-events.ts'), 0, '4 thrown, 4 delivered')
    },
  )

  test.each(['copied', 'linked', 'shared'])(
    'two copies of the package, with the addon %s, work at the same time',
    patience,
    async (way) => {
      expectEnd(await run('two-copies.ts', way), 0, `${way}: both worked`)
    },
  )

  test(
    'a fork without exec cannot use the port, and its parent is not affected',
    patience,
    async (context) => {
      // The test needs a compiler, like the launcher of filters.
      if (filterAbsent !== undefined) return context.skip(filterAbsent)
      expectEnd(await run('raw-fork.ts'), 0, 'the port of the parent went on')
    },
  )

  test('a child process inherits no descriptor of a port', patience, async () => {
    expectEnd(await run('inherited-descriptors.ts'), 0, /^\d+ descriptors, none inherited$/m)
  })
})

for (const { backend, available } of probe()) {
  if (!available) continue

  describe(`the owners of a port on ${backend}`, () => {
    test('a port without references works as long as something of it is open', patience, async () => {
      const nodeArguments = ['--expose-gc']
      const held = await runChild('forgotten-ports.ts', { args: [backend, 'ref', silent], nodeArguments })
      expectEnd(held, 0, 'served after a collection\nheld by its listener\n')
      const free = await runChild('forgotten-ports.ts', { args: [backend, 'unref', silent], nodeArguments })
      expectEnd(free, 0, /^served after a collection\n$/)
    })

    test(
      'a port does not keep the async contexts alive in which it was opened, listened or sent',
      patience,
      async () => {
        const nodeArguments = ['--expose-gc']
        const held = await runChild('held-contexts.ts', { args: [backend], nodeArguments })
        expectEnd(held, 0, /^port: free\nlistener: free\nsender: free\n$/)
      },
    )

    test.each(['fork', 'cluster'])('processes of %s have their own ports', patience, async (way) => {
      expectEnd(await runChild('processes.ts', { args: [backend, way] }), 0, `${way}: each served`)
    })
  })
}

describe('without the addon', () => {
  test('a file that cannot be loaded gives a reason with a fix, not a crash', patience, async () => {
    const { code, output } = await runChild('say-unavailable.ts', {
      environment: { FRAMEPORT_ADDON: fileURLToPath(import.meta.url) },
    })
    expect(code).toBe(0)
    expect(output).toMatch(/could not be loaded.*Build it again/s)
  })

  test('a missing file that the environment names gives that reason', patience, async () => {
    const { code, output } = await runChild('say-unavailable.ts', {
      environment: { FRAMEPORT_ADDON: '/nowhere/frameport.node' },
    })
    expect(code).toBe(0)
    expect(output).toMatch(/FRAMEPORT_ADDON names .*Correct the variable/s)
  })

  test(
    'the build without a compiler prints one sentence, and succeeds with --if-possible',
    patience,
    async () => {
      const script = fileURLToPath(new URL('../../scripts/build-addon.mjs', import.meta.url))
      const nothing = { PATH: '/nowhere', CXX: '' }
      const wished = await runNode([script, '--if-possible', '--force'], nothing)
      expect(wished.code).toBe(0)
      expect(wished.output.trim().split('\n')).toHaveLength(1)
      expect(wished.output).toContain('back end net')
      const demanded = await runNode([script, '--force'], nothing)
      expect(demanded.code).toBe(1)
    },
  )
})
