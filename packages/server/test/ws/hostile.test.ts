import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { contract, procedure } from '@frameport/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { createServer, implement } from '../../src/index.ts'
import { ws } from '../../src/ws.ts'
import { frame, upgraded } from './by-hand.ts'

const house = contract('house', { version: 1, procedures: { ring: procedure({}) } })
const sockets: Socket[] = []
/** The same connections on the side of the server. */
const accepted: Socket[] = []
let http: ReturnType<typeof createHttpServer>
let server: ReturnType<typeof createServer>
let port: number

beforeEach(async () => {
  http = createHttpServer()
  accepted.length = 0
  http.on('connection', (socket) => accepted.push(socket))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  port = (http.address() as AddressInfo).port
})

async function serve({ helloTimeoutMs }: { helloTimeoutMs: number }) {
  server = createServer(implement(house).handlers({ ring: () => undefined }), {
    log: false,
    limits: { helloTimeoutMs },
  })
  await server.listen(ws({ server: http, path: '/' }))
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close({ graceMs: 0 })
  await new Promise((resolve) => http.close(resolve))
})

const few = Buffer.from('few')
const piece = Buffer.alloc(64 * 1024)

describe('A WebSocket is closed if it sends', () => {
  // Longer than the timeout of `until`.
  beforeEach(() => serve({ helloTimeoutMs: 60_000 }))

  test.each<[string, Buffer]>([
    ['a frame without a mask', frame(0x82, few, false)],
    ['an unknown kind of frame', frame(0x83, few)],
    ['a compressed frame without negotiation', frame(0xc2, few)],
    ['a text', frame(0x81, few)],
    ['a continuation without a first frame', frame(0x80, few)],
    ['a ping in pieces', frame(0x09, few)],
    ['a ping that is too long', frame(0x89, Buffer.alloc(126))],
    ['a close of one byte', frame(0x88, Buffer.alloc(1))],
    ['a close with an invalid code', frame(0x88, Buffer.from([0, 1]))],
    ['a length over 2^53', Buffer.from([0x82, 0xff, ...Buffer.alloc(8, 0xff), 0, 0, 0, 0])],
    ['a length of 2 GiB', Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0])],
    [
      'a message of two MiB in pieces',
      Buffer.concat([frame(0x02, piece), ...Array.from({ length: 32 }, () => frame(0x00, piece))]),
    ],
    ['bytes that are not an envelope', frame(0x82, Buffer.alloc(100, 0xff))],
    ['an empty message', frame(0x82, Buffer.alloc(0))],
    [
      'a message in many parts',
      Buffer.concat([frame(0x02, few), ...Array.from({ length: 200 }, () => frame(0x00, few))]),
    ],
    ['the start of a message that is not a hello', frame(0x82, Buffer.alloc(100_000)).subarray(0, 1_000)],
    [
      'an unfinished message in parts that is longer than a hello',
      Buffer.concat([frame(0x02, piece), frame(0x00, few)]),
    ],
    [
      'a part of a message, and many pings',
      Buffer.concat([
        frame(0x02, few),
        ...Array.from({ length: 3_000 }, () => frame(0x89, piece.subarray(0, 125))),
      ]),
    ],
  ])('%s', async (_, bytes) => {
    const { socket, isClosed } = await upgraded(port, sockets)
    socket.write(bytes)
    expect(await until(isClosed)).toBe(true)
    expect(await until(() => server.stats().connections === 0)).toBe(true)
  })
})

describe('A WebSocket is closed if it sends no hello, but', () => {
  const helloTimeoutMs = 2_000
  beforeEach(() => serve({ helloTimeoutMs }))

  test.each<[string, readonly Buffer[]]>([
    ['nothing at all', []],
    ['half of a message, and no more', [frame(0x02, piece)]],
    ['half of a frame, and no more', [frame(0x82, piece).subarray(0, 1_000)]],
    ['pings, and no hello', Array.from({ length: 100 }, () => frame(0x89, few))],
  ])('%s, within helloTimeoutMs', async (_, writes) => {
    const { socket, isClosed } = await upgraded(port, sockets)
    const beganAt = performance.now()
    for (const bytes of writes) socket.write(bytes)
    expect(await until(isClosed)).toBe(true)
    expect(performance.now() - beganAt).toBeGreaterThan(helloTimeoutMs / 2)
    expect(await until(() => server.stats().connections === 0)).toBe(true)
  })
})

test('the received part of a message counts as memory of the server', async () => {
  await serve({ helloTimeoutMs: 60_000 })
  const before = server.stats().memory.bytes
  const { socket } = await upgraded(port, sockets)
  await until(() => server.stats().connections === 1)
  const opened = server.stats().memory.bytes
  socket.write(frame(0x82, piece).subarray(0, 50_000))
  // The server updates the figure when the next bytes arrive.
  await until(() => socket.write(few) && server.stats().memory.bytes >= opened + 50_000)
  socket.destroy()
  await until(() => server.stats().memory.bytes === before)
})

test('pongs for a peer that sends pings and does not read are limited', async () => {
  await serve({ helloTimeoutMs: 60_000 })
  const { socket } = await upgraded(port, sockets)
  const [served] = accepted
  if (served === undefined) throw new Error('nobody has connected')
  socket.pause()
  const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame(0x89, Buffer.alloc(125))))
  let mostBytes = 0
  for (let round = 0; round < 8; round++) {
    const readBytes = served.bytesRead + pings.length
    socket.write(pings)
    await until(() => {
      mostBytes = Math.max(mostBytes, served.writableLength)
      return served.bytesRead >= readBytes || served.destroyed
    })
  }
  // 10 MB of pings. The pongs fill the buffers of two sockets, and then reach the limit.
  expect(mostBytes).toBeGreaterThan(10_000)
  expect(mostBytes).toBeLessThan(200_000)
})
