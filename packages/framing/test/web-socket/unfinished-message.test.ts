import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { UnfinishedMessage } from '../../src/web-socket/unfinished-message.ts'
import { webSocketChannel } from '../../src/web-socket.ts'
import { FakeNodeWebSocket } from './fake-web-socket.ts'

const last = 0x80
const binary = 0x02
const part = 0x00
const ping = 0x89

/** A frame (RFC 6455, section 5.2), with or without a mask. */
function frame(first: number, length: number, mask = 0x80): Uint8Array {
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const whole = new Uint8Array(head + (mask ? 4 : 0) + length)
  const view = new DataView(whole.buffer)
  view.setUint8(0, first)
  view.setUint8(1, mask | (head === 2 ? length : head === 4 ? 126 : 127))
  if (head === 4) view.setUint16(2, length)
  if (head === 10) view.setBigUint64(2, BigInt(length))
  return whole.fill(0xff, head)
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((bytes) => [...bytes]))
}

function read(...chunks: Uint8Array[]) {
  const message = new UnfinishedMessage()
  for (const chunk of chunks) message.read(chunk)
  return { bytes: message.bytes, announcedBytes: message.announcedBytes, memoryBytes: message.memoryBytes }
}

const nothing = { bytes: 0, announcedBytes: 0, memoryBytes: 0 }

describe('the count of the bytes of an incomplete message', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536])('is 0 after a complete one of %i bytes', (length) => {
    for (const mask of [0, 0x80]) {
      expect(read(frame(last | binary, length, mask))).toEqual(nothing)
      expect(read(joined(frame(binary, length, mask), frame(last | part, length, mask)))).toEqual(nothing)
    }
  })

  it.each([
    ['part of a frame header', frame(last | binary, 70_000).subarray(0, 1), 0],
    ['a frame header with a length', frame(last | binary, 70_000).subarray(0, 14), 70_000],
    ['a fragment', frame(binary, 5), 5],
    ['an empty fragment', frame(binary, 0), 0],
    ['two fragments', joined(frame(binary, 5), frame(part, 300)), 305],
    ['a fragment and a ping', joined(frame(binary, 5), frame(ping, 100)), 5],
    ['half a ping', frame(ping, 100).subarray(0, 50), 0],
  ])('includes all of %s', (_, bytes, announcedBytes) => {
    const before = joined(frame(last | binary, 200), frame(ping, 3), frame(last | binary, 0))
    expect(read(bytes)).toMatchObject({ bytes: bytes.length, announcedBytes })
    expect(read(joined(before, bytes))).toMatchObject({ bytes: bytes.length, announcedBytes })
    // The result does not depend on the cuts.
    const all = joined(before, bytes)
    expect(read(...Array.from(all, (byte) => Uint8Array.of(byte)))).toMatchObject({
      bytes: bytes.length,
      announcedBytes,
    })
  })

  it('includes memory for each chunk', () => {
    const chunks = Array.from(frame(binary, 1_000), (byte) => Uint8Array.of(byte))
    expect(read(...chunks).memoryBytes).toBeGreaterThan(200_000)
  })

  it('is the same at each byte of random frames as in one piece', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    for (let round = 0; round < 200; round++) {
      const row: Uint8Array[] = []
      for (let messages = random(4); messages >= 0; messages--) {
        const parts = 1 + random(4)
        for (let index = 0; index < parts; index++) {
          row.push(frame((index === parts - 1 ? last : 0) | (index === 0 ? binary : part), random(300)))
          if (random(3) === 0) row.push(frame(ping, random(126)))
        }
      }
      const all = joined(...row)
      const cut = random(all.length)
      const inPieces: Uint8Array[] = []
      for (let from = 0; from < cut; ) {
        const to = Math.min(cut, from + 1 + random(200))
        inPieces.push(all.subarray(from, to))
        from = to
      }
      const { bytes, announcedBytes } = read(all.subarray(0, cut))
      expect(read(...inPieces)).toMatchObject({ bytes, announcedBytes })
      expect(read(all)).toEqual(nothing)
    }
  })
})

describe('a channel with the connection below its WebSocket', () => {
  function heard() {
    const socket = new FakeNodeWebSocket()
    const connection = new EventEmitter()
    // Like `ws`, the socket reports only complete messages.
    const wholes: Uint8Array[] = []
    connection.on('data', () => {
      for (const whole of wholes.splice(0)) socket.message(whole)
    })
    const channel = webSocketChannel(socket, { connection })
    const told: unknown[] = []
    channel.start({
      received: () => void told.push(`received, ${channel.heldBytes} held`),
      frame: ({ length }) => void told.push(length),
      invalid: ({ code }) => void told.push(code),
    })
    return {
      socket,
      channel,
      told,
      chunk(bytes: Uint8Array, whole?: Uint8Array) {
        if (whole !== undefined) wholes.push(whole)
        connection.emit('data', bytes)
      },
    }
  }

  it('counts the bytes that have arrived, and calls received() before their frames', async () => {
    const { channel, told, chunk } = heard()
    const message = frame(last | binary, 100)
    await Promise.resolve()
    chunk(message.subarray(0, 50))
    expect([channel.heldBytes, channel.heldMemoryBytes]).toEqual([50, 306])
    chunk(joined(message.subarray(50), message.subarray(0, 7)), new Uint8Array(100))
    expect(told).toEqual(['received, 0 held', 'received, 50 held', 100])
    expect(channel.heldBytes).toBe(7)
    channel.abort()
    expect([channel.heldBytes, channel.heldMemoryBytes]).toEqual([0, 0])
  })

  it('refuses a message by its announced length, with the limit that applies after the frames before it', () => {
    const { socket, channel, told, chunk } = heard()
    channel.receiveBytesMax = 1_000
    chunk(frame(last | binary, 1_000).subarray(0, 20))
    expect(told).toEqual(['received, 0 held'])
    const over = heard()
    over.channel.receiveBytesMax = 1_000
    over.chunk(frame(last | binary, 1_001).subarray(0, 20))
    over.chunk(new Uint8Array(20))
    expect(over.told).toEqual(['received, 0 held', 'FRAME_TOO_LONG'])
    expect([socket.paused, over.socket.paused]).toEqual([false, true])
    const inParts = heard()
    inParts.channel.receiveBytesMax = 1_000
    inParts.chunk(frame(binary, 600))
    inParts.chunk(frame(part, 401).subarray(0, 8))
    expect(inParts.told.at(-1)).toBe('FRAME_TOO_LONG')
  })

  it('refuses a message that needs far more memory than its bytes', () => {
    const { told, chunk } = heard()
    chunk(frame(binary, 1))
    for (let count = 0; count < 12_000; count++) chunk(frame(part, 1))
    expect(told.at(-1)).toBe('FRAME_TOO_LONG')
  })

  it('accepts the longest message in the smallest usual packets', () => {
    const { channel, told, chunk } = heard()
    const message = frame(last | binary, channel.receiveBytesMax)
    for (let at = 0; at < message.length - 512; at += 512) chunk(message.subarray(at, at + 512))
    expect(told).not.toContain('FRAME_TOO_LONG')
  })
})
