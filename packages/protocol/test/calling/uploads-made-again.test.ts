import { expect, it } from 'vitest'
import type { IncomingCall } from '../../src/session/index.ts'
import { Fate, ReplacedSessions } from '../support/replaced-sessions.ts'
import { value } from '../support/sessions.ts'

const noSlots = { limits: { callsInFlightMax: 0 } }

/** An iterator that gives each of `items` once, and counts how often it was asked and ended. */
function readOnce(...items: number[]) {
  const source = {
    asked: 0,
    ended: 0,
    [Symbol.iterator]() {
      return source
    },
    next: () => {
      source.asked += 1
      const next = items.shift()
      return next === undefined
        ? { done: true as const, value: undefined }
        : { done: false as const, value: next }
    },
    return() {
      source.ended += 1
      return { done: true as const, value: undefined }
    },
  }
  return source
}

/** Receives the items of a call, and answers with their number at their end. */
function countItems(call: IncomingCall): { readonly items: unknown[] } {
  const items: unknown[] = []
  call.upload?.receive({
    item(body) {
      items.push(body.kind === 'value' ? body.value : body)
      call.upload?.taken()
    },
    end: () => call.respond(value(items.length)),
  })
  return { items }
}

/** Makes the current server, the second or later one, answer with the number of items. */
async function countingFromNowOn(world: ReplacedSessions, items: unknown[][]): Promise<void> {
  world.server.recorder.onCall = (call) => items.push(countItems(call).items as unknown[])
  await world.time.settle()
}

it('an upload with an unread source is sent from its first item when its call was not executed', async () => {
  const world = new ReplacedSessions({ server: noSlots })
  await world.time.settle()
  const source = readOnce(1, 2, 3)
  const sent = new Fate(world.client.send(source))
  await world.time.settle()
  const items: unknown[][] = []
  const replaced = world.replace({})
  await countingFromNowOn(world, items)
  await replaced
  await world.time.settle()
  expect([sent.value, items, source.ended]).toEqual([3, [[1, 2, 3]], 0])
  await world.end()
})

it('an upload whose source was read fails with its call, and its source is ended', async () => {
  const world = new ReplacedSessions()
  await world.time.settle()
  const source = readOnce(...Array.from({ length: 100 }, (_, item) => item))
  const sent = new Fate(world.client.send(source))
  // Its first items are in flight when the server refuses the call.
  await world.refuse()
  expect([source.asked > 0, source.ended, world.made.length]).toEqual([true, 1, 1])
  expect(sent.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
  await world.end()
})

it.each<[string, () => unknown]>([
  ['a function', () => () => readOnce(1, 2, 3)],
  ['an array', () => [1, 2, 3]],
])('an upload of %s is opened again for a call that was not executed', async (_, source) => {
  const world = new ReplacedSessions({ server: noSlots })
  await world.time.settle()
  const sent = new Fate(world.client.send(source()))
  const items: unknown[][] = []
  const replaced = world.replace({})
  await countingFromNowOn(world, items)
  await replaced
  await world.time.settle()
  expect([sent.value, items]).toEqual([3, [[1, 2, 3]]])
  await world.end()
})

it('an upload of an idempotent procedure starts again when its source can be read again', async () => {
  const world = new ReplacedSessions()
  await world.time.settle()
  const bytes = new Uint8Array(200_000)
  const stored = new Fate(world.client.store(bytes))
  world.server.recorder.onCall = countItems
  await world.time.settle()
  const items: unknown[][] = []
  const replaced = world.replace()
  await countingFromNowOn(world, items)
  await replaced
  await world.time.settle()
  expect([stored.value, items[0]?.length]).toEqual([undefined, 1])
  world.call.upload?.grant({ items: 100, bytes: 1_000_000 })
  await world.time.settle()
  expect([stored.value, items[0]?.length]).toEqual([4, 4])
  await world.end()
})

it('an upload of an idempotent procedure fails when it has begun and its source gives its items only once', async () => {
  const world = new ReplacedSessions()
  await world.time.settle()
  world.server.recorder.onCall = countItems
  const source = readOnce(1, 2, 3)
  const stored = new Fate(world.client.store(iterateBytes(source)))
  await world.time.settle()
  await world.replace()
  await world.time.settle()
  expect(stored.error ?? stored.value).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  await world.end()
})

async function* iterateBytes(numbers: Iterable<number>) {
  for (const number of numbers) yield Uint8Array.of(number)
  await new Promise(() => {})
}
