import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sha256Bytes } from '../../src/file-contract.ts'
import { limits } from '../../src/limits.ts'
import { ChatRoom } from '../support/chat-room.ts'
import { settled } from '../support/manual-clock.ts'

const MiB = 1024 * 1024
const fileBytes = 64 * MiB
const chunkBytes = limits.fileChunkBytesMax

/**
 * The maximum number of bytes between the sender and the slowest taker: the credit of the sender, the data that waits
 * for the taker, and the credit that the taker granted. Each may be exceeded by one piece that began while there was
 * room, and one more is in flight.
 */
const betweenBytesMax = 3 * (256 * 1024 + chunkBytes) + 2 * chunkBytes

let room: ChatRoom
beforeEach(async () => {
  room = await ChatRoom.open()
})
afterEach(() => room.close())

test('64 MiB for a slow taker and a fast one: the sender adapts to the slow one, and the memory of the server does not grow', {
  timeout: 120_000,
}, async () => {
  const [anna, bob, carol] = [room.client(), room.client(), room.client()]
  for (const [client, name] of [
    [anna, 'anna'],
    [bob, 'bob'],
    [carol, 'carol'],
  ] as const) {
    await client.rooms.join({ room: 'lobby', name })
  }
  let sentBytes = 0
  const offer = anna.files.offer({ name: 'x', bytes: fileBytes }, upload(), {
    onProgress: ({ bytes }) => {
      sentBytes = bytes
    },
  })
  const ends: string[] = []
  const offered = offer.next()
  expect((await offered).value).toEqual({ kind: 'offered', file: 1 })
  const news = (async () => {
    for await (const one of offer) if (one.kind === 'ended') ends.push(one.end)
  })()

  const slow = taking(bob)
  const fast = taking(carol)
  let fastBytes = 0
  const fastDone = (async () => {
    for await (const chunk of fast.stream) fastBytes += fast.took(chunk)
  })()
  let slowBytes = 0
  let held = 0
  let memory = 0
  let pauses = 0
  for await (const chunk of slow.stream) {
    slowBytes += slow.took(chunk)
    if (slowBytes % (4 * MiB) !== 0) continue
    // A pause: everything that can move without this taker has moved when nothing has moved for a while.
    pauses += 1
    for (let before = -1; before !== sentBytes + fastBytes; ) {
      before = sentBytes + fastBytes
      for (let turn = 0; turn < 20; turn += 1) await settled()
    }
    expect(sentBytes - slowBytes).toBeLessThanOrEqual(betweenBytesMax)
    expect(fastBytes - slowBytes).toBeLessThanOrEqual(betweenBytesMax)
    held = Math.max(held, room.service.offers.heldBytes)
    memory = Math.max(memory, room.server.stats().memory.bytes)
  }
  await fastDone
  await news
  expect([slowBytes, fastBytes, sentBytes]).toEqual(Array(3).fill(fileBytes + sha256Bytes))
  expect(ends).toEqual(['saved', 'saved'])
  expect(pauses).toBe(16)
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThanOrEqual(limits.fileWindowBytes + chunkBytes)
  expect(memory).toBeLessThan(2 * MiB)
})

/** The same piece repeatedly, because 64 MiB in memory would hide what the relay holds. */
async function* upload() {
  const chunk = new Uint8Array(chunkBytes).fill(7)
  const hash = createHash('sha256')
  for (let bytes = 0; bytes < fileBytes; bytes += chunkBytes) {
    hash.update(chunk)
    yield chunk
  }
  yield hash.digest()
}

/** Takes the file, and reports that it is saved when its last byte was counted. */
function taking(client: ReturnType<ChatRoom['client']>) {
  let leftBytes = fileBytes + sha256Bytes
  let arrived!: () => void
  const all = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const receipts = async function* () {
    await all
    yield { end: 'saved' as const }
  }
  return {
    stream: client.files.take({ file: 1 }, receipts()),
    took({ length }: Uint8Array): number {
      leftBytes -= length
      if (leftBytes === 0) arrived()
      return length
    },
  }
}
