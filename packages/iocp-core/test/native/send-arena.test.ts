import { expect, test } from 'vitest'
import type { NativePort } from '../../src/native/addon-types.ts'
import { entryWord, entryWords } from '../../src/native/batch-table.ts'
import { type ArenaConnection, SendArena } from '../../src/native/send-arena.ts'

const entriesMax = 4

/** An arena whose addon answers a flush as the test decides for each entry. */
function scripted(answer: (index: number, entry: Int32Array) => void) {
  const entries = new Int32Array(entriesMax * entryWords)
  const handed: number[][] = []
  const native = {
    arena: new ArrayBuffer(256),
    arenaStart: 0,
    entries: entries.buffer,
    flush(count: number) {
      for (let index = 0; index < count; index++) {
        const entry = entries.subarray(index * entryWords, (index + 1) * entryWords)
        handed.push([entry[entryWord.slot]!, entry[entryWord.generation]!, entry[entryWord.length]!])
        answer(index, entry)
      }
      return false
    },
  }
  return { arena: new SendArena(native as unknown as NativePort), handed }
}

function connectionOf(slot: number) {
  const told: number[] = []
  const connection: ArenaConnection = {
    slot,
    generation: 10 + slot,
    stagedBytes: 0,
    sentInTurn: -1,
    ownedBytes: 0,
    broken: false,
    progressNoted: false,
    tellProgress: () => void told.push(connection.ownedBytes),
  }
  return { connection, told }
}

test.each([
  [0, 0, 0],
  [5, 0, 5],
  [-1, 0, 2 ** 32 - 1],
  [0, 1, 2 ** 32],
  [-1, 1, 2 ** 33 - 1],
  [7, 2 ** 21 - 1, (2 ** 21 - 1) * 2 ** 32 + 7],
])('the answer to a send has the owned bytes in two words: %i and %i are %i bytes', (low, high, bytes) => {
  const { arena } = scripted((_, entry) => {
    entry[entryWord.status] = 0
    entry[entryWord.queuedLow] = low
    entry[entryWord.queuedHigh] = high
  })
  const { connection, told } = connectionOf(1)
  arena.append(connection, [new Uint8Array(3)], 3)
  arena.flush(false)
  arena.tellProgress()
  expect([connection.ownedBytes, connection.stagedBytes, told]).toEqual([bytes, 0, [bytes]])
})

test('a connection whose send fails changes nothing for its neighbours in the same flush', () => {
  const { arena, handed } = scripted((index, entry) => {
    entry[entryWord.status] = index === 1 ? 32 : 0
    entry[entryWord.queuedLow] = 100 + index
    entry[entryWord.queuedHigh] = 0
  })
  const made = [1, 2, 3].map(connectionOf)
  for (const { connection } of made) arena.append(connection, [new Uint8Array(8)], 8)
  expect(made.map(({ connection }) => connection.stagedBytes)).toEqual([8, 8, 8])
  arena.flush(false)
  expect(handed).toEqual([
    [1, 11, 8],
    [2, 12, 8],
    [3, 13, 8],
  ])
  expect(
    made.map(({ connection: { broken, ownedBytes, stagedBytes } }) => [broken, ownedBytes, stagedBytes]),
  ).toEqual([
    [false, 100, 0],
    [true, 0, 0],
    [false, 102, 0],
  ])
  arena.tellProgress()
  expect(made.map(({ told }) => told)).toEqual([[100], [], [102]])
  expect(arena.isEmpty).toBe(true)
})

test('a failure in one flush does not affect the entries of the next one', () => {
  let failing = true
  const { arena } = scripted((_, entry) => {
    entry[entryWord.status] = failing ? 32 : 0
    entry[entryWord.queuedLow] = 4
    entry[entryWord.queuedHigh] = 0
  })
  const [first, second] = [connectionOf(1), connectionOf(2)]
  arena.append(first.connection, [new Uint8Array(4)], 4)
  arena.flush(false)
  failing = false
  arena.append(second.connection, [new Uint8Array(4)], 4)
  arena.flush(false)
  arena.tellProgress()
  expect([first.connection.broken, second.connection.broken, second.told]).toEqual([true, false, [4]])
})

test('the 16th send of a turn sends all before it too, and progress is reported only at the end of the turn', () => {
  const { arena, handed } = scripted((_, entry) => {
    entry[entryWord.status] = 0
    entry[entryWord.queuedLow] = 0
    entry[entryWord.queuedHigh] = 0
  })
  const { connection, told } = connectionOf(1)
  const send = () => arena.append(connection, [new Uint8Array(2)], 2)
  for (let count = 0; count < 15; count++) send()
  expect([handed, connection.stagedBytes]).toEqual([[], 30])
  send()
  expect([handed, connection.stagedBytes, told]).toEqual([[[1, 11, 32]], 0, []])
  send()
  arena.flush(true)
  arena.tellProgress()
  expect([handed.length, handed.at(-1), told]).toEqual([2, [1, 11, 2], [0]])
})

test('sends that go round among connections leave whole from the second turn on, until a turn does not go round', () => {
  const { arena, handed } = scripted((_, entry) => {
    entry[entryWord.status] = 0
    entry[entryWord.queuedLow] = 0
    entry[entryWord.queuedHigh] = 0
  })
  const [one, other] = [connectionOf(1).connection, connectionOf(2).connection]
  const send = (connection: ArenaConnection) => arena.append(connection, [new Uint8Array(1)], 1)
  const lengths = () => handed.splice(0).map(([, , length]) => length)
  const endTurn = () => {
    arena.flush(true)
    arena.tellProgress()
  }
  const round = () => {
    for (const connection of [one, other]) for (let count = 0; count < 12; count++) send(connection)
    send(one)
  }
  round()
  expect(lengths()).toEqual([12, 4])
  endTurn()
  expect(lengths()).toEqual([8, 1])
  round()
  expect(lengths()).toEqual([])
  endTurn()
  expect(lengths()).toEqual([12, 12, 1])
  for (let count = 0; count < 32; count++) send(one)
  expect(lengths()).toEqual([])
  endTurn()
  expect(lengths()).toEqual([32])
  for (let count = 0; count < 32; count++) send(one)
  expect(lengths()).toEqual([16, 16])
})

test('each of many equal turns of one connection is split into halves', () => {
  const { arena, handed } = scripted((_, entry) => {
    entry[entryWord.status] = 0
    entry[entryWord.queuedLow] = 0
    entry[entryWord.queuedHigh] = 0
  })
  const { connection } = connectionOf(1)
  const turns = Array.from({ length: 5 }, () => {
    for (let count = 0; count < 64; count++) arena.append(connection, [new Uint8Array(1)], 1)
    arena.flush(true)
    arena.tellProgress()
    return handed.splice(0).map(([, , length]) => length)
  })
  expect(turns).toEqual([
    [16, 16, 16, 16],
    [32, 32],
    [32, 32],
    [32, 32],
    [32, 32],
  ])
})
