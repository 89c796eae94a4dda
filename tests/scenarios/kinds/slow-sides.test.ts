import { hasItems, hasUpload } from '@frameport/protocol/contract'
import { describe, expect, it } from 'vitest'
import { type Kind, kinds } from './contract.ts'
import { directions } from './direction.ts'
import { type Several, testWithPair } from './with-pair.ts'

const window = 4
const items = 20

const limits = {
  caller: { streamWindowItems: window },
  callee: { uploadItems: window, uploadWindowItems: window },
}

/** A side that is slower than the other one. */
interface SlowSide {
  readonly name: string
  /** The reason why it does not apply to a kind of call. */
  absentIn(kind: Kind): string | undefined
  act(kind: Kind, several: Several): Promise<void>
}

const withoutItems = (kind: Kind) => (hasItems(kind) ? undefined : 'its callee sends no items')
const withoutUpload = (kind: Kind) => (hasUpload(kind) ? undefined : 'its caller sends no items')

const slowSides: readonly SlowSide[] = [
  {
    name: 'a slow caller makes its callee wait, at most one window ahead',
    absentIn: withoutItems,
    async act(kind, { world, run }) {
      const { call, handled } = await run(kind)
      handled.give(items)
      handled.answer()
      for (let read = 1; read <= items; read++) {
        await world.run(call.take(1))
        await world.settle()
        expect(handled.made).toBeLessThanOrEqual(read - 1 + window)
      }
      expect(call.read).toEqual(handled.given)
      expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
    },
  },
  {
    name: 'a slow callee makes its caller wait, at most one window ahead',
    absentIn: withoutUpload,
    async act(kind, { world, run }) {
      const { call, handled } = await run(kind)
      call.source?.push(items)
      call.source?.end()
      for (let read = 1; read <= items; read++) {
        handled.take(1)
        await world.eventually('an item was read', () => handled.taken.length === read)
        await world.settle()
        expect(call.source?.given).toBeLessThanOrEqual(read + window)
      }
      handled.takeAll()
      handled.answer()
      expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
      expect(handled.taken).toEqual(call.source?.pushed)
    },
  },
  {
    name: 'each item of a slow callee is read at once',
    absentIn: withoutItems,
    async act(kind, { world, run }) {
      const { call, handled } = await run(kind)
      for (let given = 1; given <= items; given++) {
        handled.give(1)
        await world.run(call.take(1))
        expect(call.read).toHaveLength(given)
      }
      handled.answer()
      expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
    },
  },
  {
    name: 'each item of a caller with a slow source is read at once',
    absentIn: withoutUpload,
    async act(kind, { world, run }) {
      const { call, handled } = await run(kind)
      handled.takeAll()
      for (let given = 1; given <= items; given++) {
        call.source?.push(1)
        await world.eventually('it was read', () => handled.taken.length === given)
      }
      call.source?.end()
      handled.answer()
      expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
    },
  },
  {
    name: 'two sides that send and do not read wait when their windows are full, and continue when they read',
    absentIn: (kind) => withoutItems(kind) ?? withoutUpload(kind),
    async act(kind, { world, run }) {
      const { call, handled } = await run(kind)
      call.source?.push(items)
      call.source?.end()
      handled.give(items)
      await world.eventually('both wait', () => call.source?.given === window && handled.made >= window)
      await world.settle()
      expect([call.source?.given, handled.made]).toEqual([window, window])
      handled.takeAll()
      handled.answer()
      expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
      expect([handled.taken, call.read]).toEqual([call.source?.pushed, handled.given])
    },
  },
]

for (const { name, absentIn, act } of slowSides) {
  for (const direction of directions)
    for (const kind of kinds)
      if (absentIn(kind) === undefined)
        testWithPair(direction, `a ${kind} call: ${name}`, limits, (several) => act(kind, several))
}

describe('The table of slow sides', () => {
  it('has tests of each for both directions, and none for calls without items', () => {
    const tested = (kind: Kind) => slowSides.filter(({ absentIn }) => absentIn(kind) === undefined).length
    expect(kinds.map(tested)).toEqual([0, 2, 2, slowSides.length, 0])
  })
})
