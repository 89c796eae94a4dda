import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { MemoryLedger } from '../../src/session/common/memory-ledger.ts'
import { createSessionHost } from '../../src/session/index.ts'

/** A ledger of 800 bytes, of which nothing is taken in over 700, and its holders by name. */
function ledger(shares: Readonly<Record<string, readonly [bytes: number, share?: string]>>) {
  let nowMs = 1_000
  const gaveUp: string[] = []
  const looked: string[] = []
  const { endings } = createSessionHost({
    environment: createVirtualClock(),
    turnMs: 5,
    memoryBytesMax: 2 ** 28,
  })
  const made = new MemoryLedger(800, () => nowMs, endings)
  const holders = Object.entries(shares).map(([name, [heldBytes, share]]) => {
    const holder = {
      name,
      heldBytes,
      share,
      look: () => void looked.push(name),
      giveUp: () => void gaveUp.push(name),
    }
    made.add(holder)
    return holder
  })
  const holder = (name: string) => {
    const found = holders.find((candidate) => candidate.name === name)
    if (found === undefined) throw new Error(`no ${name}`)
    return found
  }
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { made, holder, gaveUp, looked, pass }
}

const microtasks = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

describe('over the budget', () => {
  it('those give up that hold most, in the share that holds most, until an eighth is free', async () => {
    const { made, gaveUp } = ledger({
      a1: [150, 'a'],
      a2: [250, 'a'],
      a3: [50, 'a'],
      b: [300],
      c: [100],
    })
    made.report(850)
    expect(gaveUp).toEqual([])
    await microtasks()
    // Share a holds 450, then 200.
    expect([gaveUp, made.gaveUp]).toEqual([['a2'], 1])
  })

  it('the next to give up is of the share that holds most then', async () => {
    const { made, gaveUp } = ledger({ a1: [300, 'a'], a2: [150, 'a'], b: [400], c: [200] })
    made.report(1_050)
    await microtasks()
    expect(gaveUp).toEqual(['a1', 'b'])
  })

  it('nobody gives up who does not hold it any more', async () => {
    const { made, holder, gaveUp } = ledger({ a: [500], b: [400] })
    made.report(900)
    holder('b').heldBytes = 300
    await microtasks()
    expect(gaveUp).toEqual([])
  })

  it('nobody is asked twice to give up, and who is about to is not counted', async () => {
    const { made, holder, gaveUp } = ledger({ a: [500], b: [400] })
    made.report(900)
    await microtasks()
    made.report(1)
    await microtasks()
    expect(gaveUp).toEqual(['a'])
    made.remove(holder('a'), 500)
    expect(made.bytes).toBe(401)
    made.remove(holder('a'), 500)
    expect(made.bytes).toBe(401)
  })

  it('all are looked at once, however many report', async () => {
    const { made, holder, gaveUp } = ledger({ a: [500], b: [400] })
    let asked = 0
    Object.defineProperty(holder('a'), 'heldBytes', {
      get: () => {
        asked += 1
        return 500
      },
    })
    made.report(900)
    made.report(1)
    made.report(1)
    await microtasks()
    expect([asked, gaveUp]).toEqual([1, ['a']])
  })

  it('everybody gives up when nothing less is enough', async () => {
    const { made, gaveUp } = ledger({ a: [900], b: [900] })
    made.report(1_800)
    await microtasks()
    expect(gaveUp).toEqual(['a', 'b'])
  })
})

describe('in the budget', () => {
  it('nobody gives up', async () => {
    const { made, gaveUp } = ledger({ a: [900] })
    made.report(800)
    await microtasks()
    expect(gaveUp).toEqual([])
  })

  it('a share is refused that holds more than its part, when seven eighths are used', () => {
    const { made, holder } = ledger({ a1: [250, 'a'], a2: [250, 'a'], b: [100], c: [110] })
    made.report(700)
    expect(made.refuses(holder('a1'))).toBe(false)
    made.report(10)
    expect(['a1', 'a2', 'b', 'c'].map((name) => made.refuses(holder(name)))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('those that hold less leave their part to the others', () => {
    // The parts of three are 233 each; b leaves 133, so that a and c may hold 300.
    const { made, holder } = ledger({ a: [301], b: [100], c: [300] })
    made.report(701)
    expect(['a', 'b', 'c'].map((name) => made.refuses(holder(name)))).toEqual([true, false, false])
  })

  it('all are asked again after 100 ms, or when a sixty-fourth more is held', () => {
    const { made, holder, looked, pass } = ledger({ a: [720] })
    made.report(720)
    const asks = () => {
      made.refuses(holder('a'))
      return looked.length
    }
    expect(asks()).toBe(1)
    pass(99)
    expect(asks()).toBe(1)
    pass(1)
    expect(asks()).toBe(2)
    made.report(12)
    expect(asks()).toBe(2)
    made.report(0.5)
    expect(asks()).toBe(3)
  })
})
