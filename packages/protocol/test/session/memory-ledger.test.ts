import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { MemoryLedger } from '../../src/session/common/memory-ledger.ts'
import { createSessionHost } from '../../src/session/index.ts'

function ledgerOf(bytesMax: number, nowMs: () => number): MemoryLedger {
  const environment = createVirtualClock()
  const { endings } = createSessionHost({ environment, turnMs: 5, memoryBytesMax: 2 ** 28 })
  return new MemoryLedger(bytesMax, nowMs, endings)
}

/** A ledger of 800 bytes, which refuses above 700, and its holders by name. */
function ledger(shares: Readonly<Record<string, readonly [bytes: number, share?: string]>>) {
  let nowMs = 1_000
  const gaveUp: string[] = []
  const looked: string[] = []
  const made = ledgerOf(800, () => nowMs)
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

describe('a ledger over its budget', () => {
  it('makes the largest holder of the largest share give up, until an eighth is free', async () => {
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

  it('continues with the share that is then the largest', async () => {
    const { made, gaveUp } = ledger({ a1: [300, 'a'], a2: [150, 'a'], b: [400], c: [200] })
    made.report(1_050)
    await microtasks()
    expect(gaveUp).toEqual(['a1', 'b'])
  })

  it('acts again when the budget is exceeded again', async () => {
    const { made, holder, gaveUp } = ledger({ a: [500], b: [400], c: [300] })
    made.report(1_200)
    await microtasks()
    expect(gaveUp).toEqual(['a'])
    made.remove(holder('a'), 500)
    made.report(200)
    holder('c').heldBytes = 500
    await microtasks()
    expect([gaveUp, made.bytesMax]).toEqual([['a', 'c'], 800])
  })

  it('makes nobody give up who no longer holds the memory', async () => {
    const { made, holder, gaveUp } = ledger({ a: [500], b: [400] })
    made.report(900)
    holder('b').heldBytes = 300
    await microtasks()
    expect(gaveUp).toEqual([])
  })

  it('asks nobody twice, and does not count memory that is about to be freed', async () => {
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

  it('looks at each holder once, however many report', async () => {
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

  it('makes all holders give up when nothing less is enough', async () => {
    const { made, gaveUp } = ledger({ a: [900], b: [900] })
    made.report(1_800)
    await microtasks()
    expect(gaveUp).toEqual(['a', 'b'])
  })
})

describe('a ledger within its budget', () => {
  it('makes nobody give up', async () => {
    const { made, gaveUp } = ledger({ a: [900] })
    made.report(800)
    await microtasks()
    expect(gaveUp).toEqual([])
  })

  it('refuses a share that holds more than its part, when seven eighths are used', () => {
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

  it('divides the unused parts of small shares among the others', () => {
    // The part of each of three is 233. Since b uses only 100, a and c may hold 300 each.
    const { made, holder } = ledger({ a: [301], b: [100], c: [300] })
    made.report(701)
    expect(['a', 'b', 'c'].map((name) => made.refuses(holder(name)))).toEqual([true, false, false])
  })

  it('asks all holders again after 100 ms, or when a sixty-fourth more is held', () => {
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

describe('MemoryLedger', () => {
  const holder = (heldBytes: number, share?: string) => ({
    heldBytes,
    share,
    gone: 0,
    giveUp() {
      this.gone += 1
    },
    look() {},
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const ledgerOf1000 = (nowMs: () => number) => ledgerOf(1_000, nowMs)

  it('asks holders before it acts, so that reported memory that was freed ends nobody', async () => {
    const ledger = ledgerOf1000(() => 0)
    const one = holder(100)
    ledger.add(one)
    ledger.report(2_000)
    await settled()
    expect([one.gone, ledger.gaveUp]).toEqual([0, 0])
  })

  it.each([
    ['at the budget', 1_000, 0],
    ['one over', 1_001, 1],
  ])('%s', async (_, bytes, gone) => {
    const ledger = ledgerOf1000(() => 0)
    const one = holder(bytes)
    ledger.add(one)
    ledger.report(bytes)
    await settled()
    expect(one.gone).toBe(gone)
  })

  it('asks nobody twice to give up, and no other holder while memory is about to be freed', async () => {
    const ledger = ledgerOf1000(() => 0)
    const holders = [holder(800), holder(600)]
    for (const one of holders) {
      ledger.add(one)
      ledger.report(one.heldBytes)
    }
    await settled()
    ledger.report(1)
    await settled()
    expect([holders.map(({ gone }) => gone), ledger.gaveUp]).toEqual([[1, 0], 1])
  })

  it('asks all holders for what they hold at most every 100 ms while memory is short', () => {
    let nowMs = 0
    let looks = 0
    const ledger = ledgerOf1000(() => nowMs)
    const one = { ...holder(876), look: () => void looks++ }
    ledger.add(one)
    ledger.report(875)
    expect([ledger.refuses(one), looks]).toEqual([false, 0])
    ledger.report(1)
    expect([ledger.refuses(one), ledger.refuses(one), looks]).toEqual([true, true, 1])
    nowMs = 99
    expect([ledger.refuses(one), looks]).toEqual([true, 1])
    nowMs = 100
    expect([ledger.refuses(one), looks]).toEqual([true, 2])
  })

  it.each([
    ['one that holds nearly all', [900], [true]],
    ['two that hold half each', [450, 450], [true, true]],
    ['one of two, if the other holds little', [800, 90], [true, false]],
    [
      'one of many, if the others hold little',
      [500, ...Array(40).fill(10)],
      [true, ...Array(40).fill(false)],
    ],
    ['those above the part that the smaller shares leave', [100, 300, 280, 200], [false, true, false, false]],
  ])('while memory is short, refuses shares that hold more than their part: %s', (_, amounts, refused) => {
    const ledger = ledgerOf1000(() => 0)
    const holders = amounts.map((bytes) => holder(bytes))
    for (const one of holders) ledger.add(one)
    ledger.report(900)
    expect(holders.map((one) => ledger.refuses(one))).toEqual(refused)
  })

  it('adds up the holders of one share', () => {
    const ledger = ledgerOf1000(() => 0)
    const holders = [...Array.from({ length: 10 }, () => holder(60, 'many')), holder(300, 'one')]
    for (const one of holders) ledger.add(one)
    ledger.report(900)
    expect(holders.map((one) => ledger.refuses(one))).toEqual([...Array(10).fill(true), false])
  })

  it('makes no more holders give up than necessary', async () => {
    const ledger = ledgerOf1000(() => 0)
    const holders = [holder(300), holder(400), holder(350)]
    for (const one of holders) {
      ledger.add(one)
      ledger.report(one.heldBytes)
    }
    await settled()
    expect(holders.map(({ gone }) => gone)).toEqual([0, 1, 0])
  })
})
