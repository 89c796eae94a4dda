import { describe, expect, test } from 'vitest'
import { collectGarbage } from '../conformance/support/collect-garbage.ts'
import { backendNames, type CompletionPort, createCompletionPort, probe } from '../src/index.ts'

const count = 20
const available = new Set(probe().flatMap((note) => (note.available ? [note.backend] : [])))

describe.each(backendNames)('listeners that have closed, on %s', (backend) => {
  if (!available.has(backend)) return test.skip('this system refuses it: see probe()', () => undefined)

  test('are not counted, and their port keeps no reference to them', async () => {
    const port = createCompletionPort({ backend })
    const before = port.counters
    const closed = [...(await openAndClose(port)), ...(await openAndClose(port))]
    expect(port.counters).toEqual(before)
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    // The engine may still refer to the last one.
    expect(closed.slice(0, -1).filter((listener) => listener.deref() !== undefined)).toEqual([])
    await port.close()
  })
})

/** Opens several at once, so that each has its own slot. */
async function openAndClose(port: CompletionPort): Promise<readonly WeakRef<object>[]> {
  const opened = Array.from({ length: count }, () => port.listen('tcp://127.0.0.1:0', () => undefined))
  const listeners = await Promise.all(opened)
  await Promise.all(listeners.map((listener) => listener.close()))
  return listeners.map((listener) => new WeakRef(listener))
}
