import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { nativeBackEnds } from './drivers.ts'
import { runChild as runAnyChild, runNode } from './run-child.ts'

const patience = { timeout: 120_000 }

describe.each(nativeBackEnds)('the ends of an environment on $backend', ({ backend, absent }) => {
  if (absent) return test.skip('this system refuses it: see probe()', () => undefined)

  const runChild = (file: string, nodeArguments: readonly string[] = []) =>
    runAnyChild(file, { nodeArguments, environment: { FRAMEPORT_BACKEND: backend } })

  test(
    'a worker thread terminated with I/O in flight, fifty times, crashes nothing and leaves nothing',
    patience,
    async () => {
      const { code, signal, output } = await runChild('terminate-workers.ts')
      expect(output).toContain('terminated 50, threads and descriptors as before')
      expect({ code, signal }).toEqual({ code: 0, signal: null })
    },
  )

  test('process.exit with I/O in flight gives its own exit code', patience, async () => {
    for (let round = 0; round < 8; round++) {
      const { code, signal, output } = await runChild('exit-under-load.ts')
      expect({ code, signal, output }).toEqual({ code: 23, signal: null, output: '' })
    }
  })

  test('an uncaught throw under load ends the process as throws do', patience, async () => {
    const { code, signal, output } = await runChild('throw-under-load.ts')
    expect({ code, signal }).toEqual({ code: 1, signal: null })
    expect(output).toContain('thrown on purpose')
  })

  test(
    'ports that were never closed are collected with their threads and descriptors',
    patience,
    async () => {
      const { code, signal, output } = await runChild('collect-ports.ts', ['--expose-gc'])
      expect(output).toContain('collected')
      expect({ code, signal }).toEqual({ code: 0, signal: null })
    },
  )

  test(
    'events that throw reach uncaughtException, and the rest of the batch is delivered',
    patience,
    async () => {
      const { code, signal, output } = await runChild('throwing-events.ts')
      expect(output).toContain('4 thrown, 4 delivered')
      expect({ code, signal }).toEqual({ code: 0, signal: null })
    },
  )

  test(
    'a port that was closed, and one that was not, both let a worker thread end by itself',
    patience,
    async () => {
      const { code, signal, output } = await runChild('workers-end.ts')
      expect(output).toContain('ended 0 0')
      expect({ code, signal }).toEqual({ code: 0, signal: null })
    },
  )
})

describe('without the addon', () => {
  test('a file that cannot be loaded is a reason with a remedy, not a crash', patience, async () => {
    const { code, output } = await runAnyChild('say-unavailable.ts', {
      environment: { FRAMEPORT_ADDON: fileURLToPath(import.meta.url) },
    })
    expect(code).toBe(0)
    expect(output).toMatch(/could not be loaded.*Build it again/s)
  })

  test('an absent file that the environment names says so', patience, async () => {
    const { code, output } = await runAnyChild('say-unavailable.ts', {
      environment: { FRAMEPORT_ADDON: '/nowhere/frameport.node' },
    })
    expect(code).toBe(0)
    expect(output).toMatch(/FRAMEPORT_ADDON names .*Correct the variable/s)
  })

  test(
    'without a compiler the build says one sentence and succeeds when it is only wished for',
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
