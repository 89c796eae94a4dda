import { describe, expect, test } from 'vitest'
import type { World } from '../worlds/world.ts'
import { worlds } from '../worlds/worlds.ts'
import { Callee, type HandledCall } from './callee.ts'
import { MadeCall, type MadeCallOptions } from './caller.ts'
import type { Kind } from './contract.ts'
import type { Direction, Pair, PairLimits } from './direction.ts'

/** Any number of calls between a caller and a callee. */
export interface Several {
  readonly world: World
  readonly pair: Pair
  readonly callee: Callee
  make(kind: Kind, options?: MadeCallOptions): MadeCall
  /** Makes a call, and waits until its handler runs. */
  run(kind: Kind): Promise<{ readonly call: MadeCall; readonly handled: HandledCall }>
}

/** A test in every world. Nothing may remain after it. */
export function testWithPair(
  direction: Direction,
  name: string,
  limits: PairLimits,
  act: (several: Several) => Promise<void>,
): void {
  for (const { name: worldName, open, absent } of worlds) {
    const title = absent === undefined ? `in ${worldName}` : `in ${worldName} (skipped: ${absent})`
    describe.skipIf(absent !== undefined)(`${title}, where ${direction.name},`, () => {
      test(name, async () => {
        const world = open()
        const callee = new Callee()
        const pair = await direction.connect(world, callee, { limits })
        const make = (kind: Kind, options?: MadeCallOptions) => new MadeCall(kind, pair.calls, options)
        const run = async (kind: Kind) => {
          const before = callee.calls.length
          const call = make(kind)
          await world.eventually('its handler runs', () => callee.calls.length > before)
          return { call, handled: callee.calls[before]! }
        }
        try {
          await act({ world, pair, callee, make, run })
          await world.eventually('nothing is left', () =>
            Object.values(pair.held()).every((count) => count === 0),
          )
          expect(callee.calls.every(({ hasStopped }) => hasStopped)).toBe(true)
        } finally {
          await pair.close()
        }
      })
    })
  }
}
