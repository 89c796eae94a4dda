import { describe, expect, it } from 'vitest'
import { Turns, type TurnUse } from '../../src/session/common/turns.ts'
import { Loop } from '../support/loop.ts'

describe('Turns', () => {
  const newUse = (recentSteps = 0): TurnUse => ({ turn: 0, usedMs: 0, steps: 0, recentSteps })
  const limits = { ms: 4, stepsMax: 2_000 }
  const options = { turnMs: 10, turnStepsMax: 16_000 }

  /** A waiting session that records its name when its turn comes. */
  function waiter(
    name: string,
    came: string[],
    { share, recentSteps }: { share?: string; recentSteps?: number } = {},
  ) {
    return { use: newUse(recentSteps), share, takeTurn: () => void came.push(name) }
  }

  it('lets a session continue at its limits, and stops it one over', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const mine = newUse()
    turns.count(mine, 1_024, limits)
    loop.workedMs += 4
    expect(turns.count(mine, 1, limits)).toBe(true)
    loop.workedMs += 0.01
    expect(turns.count(mine, 1, limits)).toBe(false)
    await loop.turn()
    expect(turns.count(mine, 1, limits)).toBe(true)
  })

  it('counts steps at the limit and one over', () => {
    const turns = new Turns({ environment: new Loop(), ...options })
    const mine = newUse()
    expect([turns.count(mine, 2_000, limits), turns.count(mine, 1, limits)]).toEqual([true, false])
  })

  it('counts the steps of all sessions at their limit and one over', () => {
    const turns = new Turns({ environment: new Loop(), ...options })
    for (let at = 0; at < 8; at += 1) expect(turns.count(newUse(), 2_000, limits)).toBe(true)
    expect(turns.count(newUse(), 1, limits)).toBe(false)
  })

  it('does not charge a session for the work of others between two of its steps', () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const [mine, other] = [newUse(), newUse()]
    turns.count(mine, 1_024, limits)
    for (let at = 0; at < 3; at += 1) {
      loop.workedMs += 3
      turns.count(other, 1, limits)
      expect(turns.count(mine, 1, limits)).toBe(true)
    }
    expect([mine.usedMs, other.usedMs]).toEqual([0, 0])
  })

  it('gives one turn to a session that waits twice, and none to one that has left', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const came: string[] = []
    const [first, second] = [waiter('first', came), waiter('second', came)]
    turns.wait(first)
    turns.wait(first)
    turns.wait(second)
    turns.leave(second)
    expect(turns.waiting).toBe(1)
    await loop.turn()
    await loop.turn()
    expect([came, turns.waiting, loop.turnsAsked]).toEqual([['first'], 0, 0])
  })

  it('gives no turn to a session that leaves during the turn of another', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const came: string[] = []
    const second = waiter('second', came)
    turns.wait({ ...waiter('first', came), takeTurn: () => turns.leave(second) })
    turns.wait(second)
    await loop.turn()
    await loop.turn()
    expect([came, turns.waiting]).toEqual([[], 0])
  })

  it('gives a session that waits again inside of its turn the next turn, and not the same', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    let came = 0
    const greedy = {
      use: newUse(),
      share: undefined,
      takeTurn: () => {
        came += 1
        turns.wait(greedy)
      },
    }
    turns.wait(greedy)
    await loop.turn()
    expect(came).toBe(1)
    await loop.turn()
    expect(came).toBe(2)
  })

  it('prefers sessions that did least recently, and then those that came first', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const came: string[] = []
    for (const [name, recentSteps] of [
      ['much', 900],
      ['little', 10],
      ['a', 0],
      ['b', 0],
    ] as const)
      turns.wait(waiter(name, came, { recentSteps }))
    await loop.turn()
    expect(came).toEqual(['a', 'b', 'little', 'much'])
  })

  it('adds up the work of sessions of one share', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const came: string[] = []
    for (let at = 0; at < 3; at += 1)
      turns.wait(waiter(`many ${at}`, came, { share: 'many', recentSteps: 50 - at }))
    turns.wait(waiter('one', came, { share: 'one', recentSteps: 100 }))
    await loop.turn()
    expect(came).toEqual(['one', 'many 2', 'many 1', 'many 0'])
  })

  it('also gives a turn to the session that did most, however many others did less', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const came: string[] = []
    turns.wait(waiter('heavy', came, { recentSteps: 4_000 }))
    let at = 0
    // In each turn, another session with little work comes, and uses all the time of those that wait.
    const next = () => {
      const busy = waiter(`busy ${at}`, came)
      turns.count(busy.use, 100, limits)
      turns.wait({
        ...busy,
        takeTurn: () => {
          loop.workedMs += 5
        },
      })
      at += 1
    }
    for (let turn = 0; turn < 100 && came.length === 0; turn += 1) {
      next()
      await loop.turn()
    }
    expect(came).toEqual(['heavy'])
    expect(at).toBeGreaterThan(3)
  })

  it('starts no further session in a turn when those before have used a quarter of it', async () => {
    const loop = new Loop()
    const turns = new Turns({ environment: loop, ...options })
    const came: string[] = []
    for (let at = 0; at < 4; at += 1) {
      const one = waiter(`${at}`, came)
      turns.wait({
        ...one,
        takeTurn: () => {
          one.takeTurn()
          loop.workedMs += 1.3
        },
      })
    }
    await loop.turn()
    expect(came).toEqual(['0', '1'])
    await loop.turn()
    expect(came).toEqual(['0', '1', '2', '3'])
  })
})
