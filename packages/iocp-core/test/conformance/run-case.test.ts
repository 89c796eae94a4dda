import { describe, expect, test } from 'vitest'
import type { ConformanceCase, Skip } from '../../conformance/conformance-case.ts'
import { conformanceCases } from '../../conformance/conformance-cases.ts'
import { runCase } from '../../conformance/run-case.ts'
import { skips } from '../../conformance/skips.ts'
import { runNode } from '../children.ts'

const passing: ConformanceCase = { name: 'passing', async run() {} }
const failing: ConformanceCase = {
  name: 'failing',
  async run() {
    throw new Error('as expected')
  },
}
const knownFault: Skip = { reason: 'a known fault', cases: ['failing'] }

describe('a case', () => {
  test('passes or fails', async () => {
    expect(await runCase(passing, 'net', [])).toEqual({ status: 'passed' })
    expect(await runCase(failing, 'net', [])).toMatchObject({
      status: 'failed',
      error: { message: 'as expected' },
    })
  })

  test('that is known to fail is skipped with its reason', async () => {
    expect(await runCase(failing, 'net', [knownFault])).toEqual({
      status: 'skipped',
      reason: 'a known fault',
    })
  })

  test('that is listed as failing and passes is an error', async () => {
    const result = await runCase(passing, 'net', [{ reason: 'out of date', cases: ['passing'] }])
    expect(result).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('out of date') },
    })
  })

  test('that cannot run here says why', async () => {
    const elsewhere: ConformanceCase = { ...failing, cannotRun: () => 'no such system' }
    expect(await runCase(elsewhere, 'net', [])).toEqual({ status: 'skipped', reason: 'no such system' })
  })

  test('that leaves a connection open fails, although closing the port would end it', async () => {
    const leaky: ConformanceCase = {
      name: 'leaky',
      timeoutMs: 1_000,
      async run({ openPort }) {
        const port = openPort()
        const listener = await port.listen('tcp://127.0.0.1:0', () => undefined)
        await port.connect(listener.endpoint)
      },
    }
    const result = await runCase(leaky, 'net', [])
    expect(result).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('"connections":2') },
    })
    expect(await runCase({ ...leaky, leavesOpen: true }, 'net', [])).toEqual({ status: 'passed' })
  })

  test('that never ends fails at its time limit', async () => {
    const endless: ConformanceCase = {
      name: 'endless',
      timeoutMs: 20,
      run: () => new Promise(() => undefined),
    }
    const result = await runCase(endless, 'net', [])
    expect(result).toMatchObject({ status: 'failed', error: { message: 'not done after 20 ms' } })
  })
})

describe('the list of cases', () => {
  test('has unique names', () => {
    const names = conformanceCases.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('has one case for each of the eight faults', () => {
    const faults = conformanceCases.flatMap(({ name }) => /^fault (\d):/.exec(name)?.[1] ?? [])
    expect(faults).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  })

  test('knows every name that is skipped', () => {
    const names = new Set(conformanceCases.map(({ name }) => name))
    for (const list of Object.values(skips)) {
      for (const { cases } of list) for (const name of cases) expect(names).toContain(name)
    }
  })

  test('takes no skip without a reason', () => {
    // @ts-expect-error a skip says why
    const withoutReason: Skip = { cases: ['failing'] }
    // @ts-expect-error a skip names at least one case
    const withoutCases: Skip = { reason: 'why', cases: [] }
    expect([withoutReason, withoutCases]).toHaveLength(2)
  })
})

describe('the plain runner', () => {
  test('prints a line per case and the counts', async () => {
    const { code, stdout } = await runNode(['conformance/plain.ts', 'net', '--only', 'port 0'])
    expect(stdout).toMatch(
      /^passed net: listens on port 0 and tells the real port \(\d+ ms\)\n1 passed, 0 failed, 0 skipped\n$/,
    )
    expect(code).toBe(0)
  })

  test('fails when nothing matched, and when a back end is absent or unknown', async () => {
    expect((await runNode(['conformance/plain.ts', 'net', '--only', 'no such case'])).code).toBe(1)
    const absent = await runNode(['conformance/plain.ts', 'iocp', '--only', 'port 0'])
    expect(absent.code).toBe(1)
    expect(absent.stdout).toContain('does not work on this machine')
    expect((await runNode(['conformance/plain.ts', 'quic'])).code).toBe(2)
  })
})
