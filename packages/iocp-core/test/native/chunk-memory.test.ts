import { describe, expect, test } from 'vitest'
import { probe } from '../../src/index.ts'
import { runChild, runNode } from './run-child.ts'

const patience = { timeout: 120_000 }
const backEnds = probe().filter(({ available }) => available)

describe.each(backEnds)('the receive memory on $backend', ({ backend }) => {
  test('worker threads that end while they post chunks take no memory from others', patience, async () => {
    const result = await runChild('end-posting-workers.ts', { args: [backend] })
    expect(result.output).toMatch(`${backend}: all could be read`)
    expect({ code: result.code, signal: result.signal }).toEqual({ code: 0, signal: null })
  })

  test('without WebAssembly, callbacks get copies, and no memory can be taken either', patience, async () => {
    const suite = ['--conditions=@frameport/source', '--import', 'tsx', 'conformance/plain.ts']
    const result = await runNode([
      '--jitless',
      ...suite,
      backend,
      '--only',
      'port: structuredClone with a transfer',
    ])
    expect(result.output).toMatch('1 passed, 0 failed')
    expect(result.code).toBe(0)
  })
})
