import { hasItems, hasUpload } from '@frameport/protocol/contract'
import { describe, expect, it } from 'vitest'
import type { MadeCall } from './caller.ts'
import { type Kind, kinds } from './contract.ts'
import { clientCallsServer, type Direction, directions, type PairLimits } from './direction.ts'
import { type Several, testWithPair } from './with-pair.ts'

/** A limit, and an action that reaches it and exceeds it by one. */
interface Limit {
  readonly name: string
  readonly limits: PairLimits
  /** The reason why it does not apply to a kind of call. */
  absentIn(kind: Kind, direction: Direction): string | undefined
  act(kind: Kind, several: Several): Promise<void>
}

const withoutItems = (kind: Kind) => (hasItems(kind) ? undefined : 'its callee sends no items')
const withoutUpload = (kind: Kind) => (hasUpload(kind) ? undefined : 'its caller sends no items')
const withoutAnswer = (kind: Kind) => (kind === 'one-way' ? 'nobody answers it' : undefined)

const max = 3
/** The limit of a body. A text has two characters less, because of its quotation marks. */
const bytesMax = 100
const longest = 'x'.repeat(bytesMax - 2)
const tooLong = `${longest}x`

const codeOf = async ({ world }: Several, call: MadeCall) =>
  (await world.run(call.outcome())).error?.code ?? 'answer'

/** Lets every handler answer, including those that start later. */
async function answerAll({ world, callee }: Several, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    await world.eventually('a handler runs', () => callee.calls.length > at)
    callee.calls[at]?.answer()
  }
}

const bounds: readonly Limit[] = [
  {
    name: 'callsInFlightMax of them run concurrently, and one more waits for a slot',
    limits: { callee: { callsInFlightMax: max } },
    absentIn: (kind) => (kind === 'one-way' ? 'it takes no slot' : undefined),
    async act(kind, several) {
      const { world, callee, make } = several
      const made = Array.from({ length: max + 1 }, () => make(kind))
      await world.eventually('as many run', () => callee.calls.length === max)
      await world.settle()
      expect(callee.calls).toHaveLength(max)
      await answerAll(several, max + 1)
      for (const call of made) expect(await codeOf(several, call)).toBe('answer')
    },
  },
  {
    name: 'it runs in addition to callsInFlightMax other calls',
    limits: { callee: { callsInFlightMax: max } },
    absentIn: (kind) => (kind === 'one-way' ? undefined : 'it takes a slot'),
    async act(kind, several) {
      const { world, callee, make } = several
      const others = Array.from({ length: max }, () => make('unary'))
      await world.eventually('as many run', () => callee.calls.length === max)
      expect(await codeOf(several, make(kind))).toBe('answer')
      await answerAll(several, max + 1)
      for (const call of others) expect(await codeOf(several, call)).toBe('answer')
    },
  },
  {
    name: 'onewaysInFlightMax of them run concurrently, and one more is dropped, counted and logged',
    limits: { callee: { onewaysInFlightMax: max } },
    absentIn: (kind) => (kind === 'one-way' ? undefined : 'it is answered'),
    async act(kind, several) {
      const { world, callee, make, pair } = several
      const made = Array.from({ length: max }, () => make(kind))
      await world.eventually('as many run', () => callee.calls.length === max)
      expect(pair.onewaysDropped()).toBe(0)
      const over = make(kind)
      await world.eventually('one was dropped', () => pair.onewaysDropped() === 1)
      for (const call of [...made, over]) expect(await codeOf(several, call)).toBe('answer')
      expect(callee.calls).toHaveLength(max)
      expect(pair.log.filter(({ level }) => level === 'warn')).toHaveLength(1)
      await answerAll(several, max)
      await world.eventually('they have stopped', () => callee.calls.every((one) => one.hasStopped))
      make(kind)
      await answerAll(several, max + 1)
    },
  },
  {
    name: 'handlersInFlightMax of them run concurrently in the whole server, and one more does not run',
    limits: { callee: { handlersInFlightMax: max } },
    absentIn: (_, direction) =>
      direction === clientCallsServer ? undefined : 'a client has the limits of its session only',
    async act(kind, several) {
      const { world, callee, make, pair } = several
      const made = Array.from({ length: max }, () => make(kind))
      await world.eventually('as many run', () => callee.calls.length === max)
      const over = await codeOf(several, make(kind))
      expect(over).toBe(kind === 'one-way' ? 'answer' : 'RESOURCE_EXHAUSTED')
      if (kind === 'one-way')
        await world.eventually('the log says so', () => pair.log.some(({ level }) => level === 'warn'))
      expect(callee.calls).toHaveLength(max)
      await answerAll(several, max)
      for (const call of made) expect(await codeOf(several, call)).toBe('answer')
    },
  },
  {
    name: 'its callee makes streamWindowItems items in advance, and the next one waits',
    limits: { caller: { streamWindowItems: max } },
    absentIn: withoutItems,
    act: (kind, several) => fillsWindow(kind, several, max),
  },
  {
    name: 'its callee makes no further item once streamWindowBytes are used up',
    limits: { caller: { streamWindowBytes: 1 } },
    absentIn: withoutItems,
    // Bytes are free as soon as an item is read: the item that is being read, and one more.
    act: (kind, several) => fillsWindow(kind, several, 2),
  },
  {
    name: 'its caller sends uploadItems items in advance, and the next one waits',
    limits: { callee: { uploadItems: max, uploadWindowItems: max } },
    absentIn: withoutUpload,
    act: (kind, several) => fillsUpload(kind, several, max),
  },
  {
    name: 'its caller sends no further item once uploadBytes are used up',
    limits: { callee: { uploadBytes: 1, uploadWindowBytes: 1 } },
    absentIn: withoutUpload,
    act: (kind, several) => fillsUpload(kind, several, 1),
  },
  {
    name: 'an input of bodyBytesMax is accepted, and an input of one byte more is not sent',
    limits: { callee: { bodyBytesMax: bytesMax } },
    absentIn: () => undefined,
    async act(kind, several) {
      const { callee, make } = several
      const over = await several.world.run(make(kind, { input: tooLong }).outcome())
      expect(over.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', maybeExecuted: false })
      expect(callee.calls).toEqual([])
      const at = make(kind, { input: longest })
      await answerAll(several, 1)
      expect(await codeOf(several, at)).toBe('answer')
    },
  },
  {
    name: 'an item of bodyBytesMax from its caller is accepted, and an item of one byte more ends the call',
    limits: { callee: { bodyBytesMax: bytesMax } },
    absentIn: withoutUpload,
    async act(kind, several) {
      const { call, handled } = await several.run(kind)
      call.source?.pushText(longest)
      handled.takeAll()
      await several.world.eventually('it was read', () => handled.taken.length === 1)
      call.source?.pushText(tooLong)
      expect(await codeOf(several, call)).toBe('RESOURCE_EXHAUSTED')
      await several.world.eventually('the handler has stopped', () => handled.hasStopped)
      expect(handled.taken).toEqual([longest])
    },
  },
  {
    name: 'an item of bodyBytesMax from its callee is accepted, and an item of one byte more ends the call',
    limits: { caller: { bodyBytesMax: bytesMax } },
    absentIn: withoutItems,
    async act(kind, several) {
      const { call, handled } = await several.run(kind)
      handled.giveText(longest)
      await several.world.run(call.take(1))
      handled.giveText(tooLong)
      expect(await codeOf(several, call)).toBe('RESOURCE_EXHAUSTED')
      await several.world.eventually('the handler has stopped', () => handled.hasStopped)
    },
  },
  {
    name: 'an answer of bodyBytesMax is accepted, and an answer of one byte more fails the call',
    limits: { caller: { bodyBytesMax: bytesMax } },
    absentIn: (kind) => (hasItems(kind) ? 'its answer is its items' : withoutAnswer(kind)),
    async act(kind, several) {
      for (const text of [longest, tooLong]) {
        const { call, handled } = await several.run(kind)
        handled.answer(text)
        expect(await codeOf(several, call)).toBe(text === longest ? 'answer' : 'RESOURCE_EXHAUSTED')
      }
    },
  },
]

/** The first item is read immediately, and counts until the next one is requested. */
async function fillsWindow(kind: Kind, { world, run }: Several, count: number): Promise<void> {
  const { call, handled } = await run(kind)
  handled.give(count)
  await world.eventually('as many were made', () => handled.made === count)
  handled.give(1)
  handled.answer()
  await world.settle()
  expect(handled.made).toBe(count)
  expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
  expect(call.read).toEqual(handled.given)
}

async function fillsUpload(kind: Kind, { world, run }: Several, count: number): Promise<void> {
  const { call, handled } = await run(kind)
  call.source?.push(count)
  await world.eventually('as many were sent', () => call.source?.given === count)
  call.source?.push(1)
  call.source?.end()
  await world.settle()
  expect(call.source?.given).toBe(count)
  handled.takeAll()
  handled.answer()
  expect(await world.run(call.outcome())).toEqual({ answer: 'the answer' })
  expect(handled.taken).toEqual(call.source?.pushed)
}

for (const { name, limits, absentIn, act } of bounds) {
  for (const direction of directions)
    for (const kind of kinds)
      if (absentIn(kind, direction) === undefined)
        testWithPair(direction, `a ${kind} call: ${name}`, limits, (several) => act(kind, several))
}

describe('The table of limits', () => {
  it('has these tests', () => {
    const line = (limit: Limit) =>
      kinds.map((kind) => (limit.absentIn(kind, clientCallsServer) === undefined ? 'x' : '-')).join('')
    expect(bounds.map(line)).toMatchInlineSnapshot(`
      [
        "xxxx-",
        "----x",
        "----x",
        "xxxxx",
        "-x-x-",
        "-x-x-",
        "--xx-",
        "--xx-",
        "xxxxx",
        "--xx-",
        "-x-x-",
        "x-x--",
      ]
    `)
  })
})
