import { beforeEach, describe, expect, test, vi } from 'vitest'
import { TurnLoop, type TurnState, turnMoves } from '../../src/native/turn-loop.ts'
import { TurnPace } from '../../src/native/turn-pace.ts'
import { everySequence } from './sequences.ts'

const platform = vi.hoisted(() => ({ immediates: [] as (() => void)[], nowMs: 0 }))
vi.mock('../../src/platform/real-timers.ts', async (original) => ({
  ...(await original<typeof import('../../src/platform/real-timers.ts')>()),
  immediately: (callback: () => void) => platform.immediates.push(callback),
  immediatelyHere: (callback: () => void) => platform.immediates.push(callback),
  nowMs: () => platform.nowMs,
}))

beforeEach(() => {
  platform.immediates.length = 0
})

type Event = 'wake' | 'schedule' | 'immediate' | 'hold' | 'release' | 'work'

const events: readonly Event[] = ['wake', 'schedule', 'immediate', 'hold', 'release', 'work']

/** A turn loop for which the test simulates the worker, the kernel and the event loop. */
function scripted(holdsProcess = true) {
  const counts = { turns: 0, armed: 0, wakesNow: 0 }
  const port = { holdsProcess, work: 0, inTurn: () => {} }
  const loop = new TurnLoop({
    turn() {
      counts.turns++
      const found = port.work > 0
      port.work = 0
      port.inTurn()
      return found
    },
    arm() {
      if (port.work > 0) return false
      counts.armed++
      return true
    },
    wakeNow: () => void counts.wakesNow++,
    get holdsProcess() {
      return port.holdsProcess
    },
  })
  const play = (event: Event) => {
    if (event === 'wake') loop.wake()
    if (event === 'schedule') loop.schedule()
    if (event === 'immediate') platform.immediates.shift()?.()
    if (event === 'hold') port.holdsProcess = true
    if (event === 'release') port.holdsProcess = false
    if (event === 'work') port.work++
  }
  return { loop, port, counts, play }
}

/** For each state, with a port that holds the process or does not: the events that lead to it, and the next states. */
const cells: readonly {
  readonly state: TurnState
  readonly holds: boolean
  readonly way: readonly Event[]
  readonly wake: TurnState
  readonly schedule: TurnState
  readonly immediate?: TurnState
}[] = [
  { state: 'nothing', holds: true, way: [], wake: 'wake', schedule: 'immediate' },
  { state: 'nothing', holds: false, way: [], wake: 'immediate', schedule: 'wakeNow' },
  { state: 'wake', holds: true, way: ['wake'], wake: 'wake', schedule: 'immediate' },
  { state: 'wake', holds: false, way: ['wake', 'release'], wake: 'immediate', schedule: 'wakeNow' },
  {
    state: 'immediate',
    holds: true,
    way: ['schedule'],
    wake: 'immediate',
    schedule: 'immediate',
    immediate: 'wake',
  },
  {
    state: 'immediate',
    holds: false,
    way: ['schedule', 'release'],
    wake: 'immediate',
    schedule: 'immediate',
    immediate: 'wake',
  },
  { state: 'wakeNow', holds: true, way: ['release', 'schedule', 'hold'], wake: 'wake', schedule: 'wakeNow' },
  { state: 'wakeNow', holds: false, way: ['release', 'schedule'], wake: 'immediate', schedule: 'wakeNow' },
]

describe('the states of a turn loop', () => {
  test.each(cells)(
    '$state, holding the process $holds',
    ({ state, holds, way, wake, schedule, immediate }) => {
      const leads = (event: Event) => {
        const { loop, port, play } = scripted(way.length > 0 || holds)
        platform.immediates.length = 0
        for (const each of way) play(each)
        expect({ state: loop.state, holds: port.holdsProcess }).toEqual({ state, holds })
        play(event)
        return loop.state
      }
      expect({ wake: leads('wake'), schedule: leads('schedule') }).toEqual({ wake, schedule })
      if (immediate !== undefined) expect(leads('immediate')).toBe(immediate)
    },
  )

  test('a wake and a schedule inside a turn cause exactly one more turn', () => {
    for (const holds of [true, false]) {
      const { loop, port, counts, play } = scripted(holds)
      platform.immediates.length = 0
      port.inTurn = () => {
        expect(loop.state).toBe('turning')
        loop.wake()
        loop.schedule()
        loop.schedule()
        port.inTurn = () => {}
      }
      play('wake')
      if (!holds) play('immediate')
      expect(loop.state).toBe(holds ? 'immediate' : 'wakeNow')
      expect({ turns: counts.turns, wakesNow: counts.wakesNow }).toEqual({
        turns: 1,
        wakesNow: holds ? 0 : 1,
      })
      expect(platform.immediates).toHaveLength(holds ? 1 : 0)
    }
  })

  test('after every order of events work is found, and at most one immediate waits', () => {
    for (const sequence of everySequence(events, 6)) {
      const { loop, port, counts, play } = scripted()
      platform.immediates.length = 0
      let wakesNow = 0
      for (const event of sequence) {
        play(event)
        // A `wakeNow` arrives as a wake.
        if (counts.wakesNow > wakesNow && event === 'wake') wakesNow = counts.wakesNow
        if (platform.immediates.length > 1)
          throw new Error(`${sequence}: ${platform.immediates.length} immediates`)
        if (loop.state === 'turning') throw new Error(`${sequence}: still turning`)
      }
      // New work is announced by a schedule or by the worker. From then on the platform does what the loop asked for.
      port.work = 1
      if (loop.state === 'nothing') play('schedule')
      for (let round = 0; round < 4 && port.work > 0; round++) {
        if (loop.state === 'immediate') play('immediate')
        else play('wake')
      }
      if (port.work > 0) throw new Error(`${sequence}: the work was never found (${loop.state})`)
    }
  })

  test('only a turn leads to sleep, and no state leads to itself', () => {
    for (const [state, moves] of Object.entries(turnMoves)) {
      expect(moves).not.toContain(state)
      expect(moves).not.toContain('nothing')
      expect(moves.includes('wake')).toBe(state === 'turning')
    }
  })
})

describe('the pace of turns', () => {
  const densePace = () => {
    const pace = new TurnPace()
    for (let wake = 0; wake < 3; wake++) pace.woken(0.05)
    expect(pace.kind).toBe('dense')
    return pace
  }

  test('three wakes in a row, each soon after sleep, make it dense; with a later one between them they do not', () => {
    const pace = new TurnPace()
    for (const afterMs of [0.05, 0.05, 0.1, 0.05, 0.05]) pace.woken(afterMs)
    expect(pace.kind).toBe('sparse')
    pace.woken(0.05)
    expect(pace.kind).toBe('dense')
  })

  test('a sparse pace sleeps after the first turn that finds nothing', () => {
    const pace = new TurnPace()
    pace.found()
    expect(pace.goesOnEmpty()).toBe(false)
  })

  test('a dense pace continues for 20 empty turns, counted anew after each find, and is sparse afterwards', () => {
    const pace = densePace()
    for (let turn = 0; turn < 19; turn++) expect(pace.goesOnEmpty()).toBe(true)
    pace.found()
    for (let turn = 0; turn < 20; turn++) expect(pace.goesOnEmpty()).toBe(true)
    expect(pace.goesOnEmpty()).toBe(false)
    expect(pace.kind).toBe('sparse')
    pace.woken(0.05)
    expect(pace.kind).toBe('sparse')
  })

  test('a dense pace stays dense after a late wake: only empty turns make it sparse', () => {
    const pace = densePace()
    pace.woken(50)
    expect(pace.kind).toBe('dense')
  })
})
