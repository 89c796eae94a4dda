import { describe, expect, it } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { FramingError, isFrameChannel } from '../../src/index.ts'
import { webSocketChannel } from '../../src/web-socket.ts'
import { FakeNodeWebSocket, FakeWebSocket } from './fake-web-socket.ts'

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
const bytes = (...values: number[]) => Uint8Array.of(...values)

function opened<Socket extends FakeWebSocket>(socket: Socket, options = {}) {
  const channel = webSocketChannel(socket, options)
  const told: unknown[] = []
  const start = () =>
    channel.start({
      frame: (payload) => void told.push([...payload]),
      invalid: (error) => void told.push(error.code),
      end: () => void told.push('end'),
      drain: () => void told.push('drain'),
      close: (error) => void told.push(error === undefined ? 'closed' : `closed: ${error.message}`),
    })
  return { socket, channel, told, start }
}

function started(options = {}) {
  const all = opened(new FakeWebSocket(), options)
  all.start()
  return all
}

describe('a channel over a WebSocket', () => {
  it('delivers each binary message as one frame', async () => {
    const { socket, channel, told } = started()
    expect(isFrameChannel(channel)).toBe(true)
    expect(socket.binaryType).toBe('arraybuffer')
    await turn()
    socket.message(bytes(1, 2).buffer)
    socket.message(bytes(3))
    socket.message(new ArrayBuffer(0))
    expect(told).toEqual([[1, 2], [3], []])
  })

  it('holds messages that arrive before it is started', async () => {
    const { socket, told, start, channel } = opened(new FakeWebSocket())
    socket.message(bytes(1))
    expect([told, channel.heldBytes]).toEqual([[], 1])
    start()
    expect(told).toEqual([])
    await turn()
    expect([told, channel.heldBytes]).toEqual([[[1]], 0])
    expect(start).toThrow(expect.objectContaining({ code: 'ALREADY_STARTED' }))
  })

  it('sends a frame, or its parts as one message, and does not keep the payload', () => {
    const { socket, channel } = started()
    const given = bytes(1, 2)
    channel.send(given)
    channel.send([given, bytes(), bytes(3)])
    given.fill(9)
    expect(socket.sent).toEqual([bytes(1, 2), bytes(1, 2, 3)])
  })

  it('refuses payloads over its limits, in either direction', async () => {
    const { socket, channel, told } = started()
    await turn()
    channel.sendBytesMax = 2
    channel.receiveBytesMax = 2
    expect(() => channel.send(bytes(1, 2, 3))).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LONG' }))
    expect(channel.send(bytes(1, 2))).toBe('queued')
    socket.message(bytes(1, 2))
    socket.message(bytes(1, 2, 3))
    socket.message(bytes(1))
    expect(told).toEqual([[1, 2], 'FRAME_TOO_LONG'])
  })

  it('refuses text', async () => {
    const { socket, told } = started()
    await turn()
    socket.message('hello')
    expect(told).toEqual(['INVALID_CHUNK'])
  })

  it('is full above its mark, and drains when a check finds the queue at the low mark', async () => {
    const { socket, channel, told } = started({ sendQueueHighBytes: 10, sendQueueLowBytes: 4 })
    expect(channel.send(new Uint8Array(10))).toBe('queued')
    expect(channel.send(bytes(1))).toBe('full')
    expect(channel.queuedBytes).toBe(11)
    let drained = false
    void channel.drained().then(() => {
      drained = true
    })
    socket.bufferedAmount = 5
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect([told, drained]).toEqual([[], false])
    socket.bufferedAmount = 4
    await until(() => drained)
    expect(told).toEqual(['drain'])
    socket.bufferedAmount = 0
    expect(channel.send(bytes())).toBe('sent')
    await channel.drained()
  })

  it('delivers no frame while it is paused, and then those that arrived meanwhile, in order', async () => {
    const { socket, channel, told } = opened(new FakeNodeWebSocket())
    channel.start({ frame: (payload) => void told.push([...payload]), end: () => void told.push('end') })
    await turn()
    channel.pause()
    expect(socket.paused).toBe(true)
    socket.message(bytes(1))
    socket.message(bytes(2))
    socket.closed(1000)
    expect([told, channel.heldBytes]).toEqual([[], 2])
    channel.resume()
    expect([told, socket.paused]).toEqual([[], false])
    await turn()
    expect(told).toEqual([[1], [2], 'end'])
  })

  it('can be paused inside a frame callback', async () => {
    const socket = new FakeWebSocket()
    const channel = webSocketChannel(socket)
    const told: number[] = []
    channel.start({
      frame(payload) {
        told.push(payload[0] as number)
        channel.pause()
      },
    })
    for (const value of [1, 2, 3]) socket.message(bytes(value))
    await turn()
    expect(told).toEqual([1])
    channel.resume()
    await turn()
    expect(told).toEqual([1, 2])
  })

  it('ends in order when both sides have closed', async () => {
    const { socket, channel, told } = started()
    channel.end()
    channel.end()
    expect(socket.closes).toEqual([1000])
    expect(channel.send(bytes(1))).toBe('closed')
    socket.closed(1000)
    await turn()
    expect(told).toEqual(['end', 'closed'])
  })

  it.each([
    [1006, false, '', 'The WebSocket closed with code 1006.'],
    [1008, true, 'no', 'The WebSocket closed with code 1008 (no).'],
  ])('breaks with %i', async (code, wasClean, reason, text) => {
    const { socket, told } = started()
    socket.closed(code, wasClean, reason)
    await turn()
    expect(told).toEqual([`closed: ${text}`])
  })

  it('reports the error of the package ws for a broken connection', async () => {
    const { socket, told } = started()
    socket.error(new Error('read ECONNRESET'))
    socket.closed(1006)
    await turn()
    expect(told).toEqual(['closed: read ECONNRESET'])
    const over = started()
    over.socket.error(
      Object.assign(new Error('Max payload size exceeded'), { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' }),
    )
    over.socket.closed(1006)
    await turn()
    expect(over.told).toEqual([
      `closed: ${new FramingError('FRAME_TOO_LONG', 'The peer sent a longer message than the WebSocket accepts.').message}`,
    ])
  })

  it('closes at once when it is aborted, once, and delivers nothing more', async () => {
    for (const socket of [new FakeWebSocket(), new FakeNodeWebSocket()]) {
      const { channel, told, start } = opened(socket)
      start()
      await turn()
      channel.pause()
      socket.message(bytes(1))
      channel.send(new Uint8Array(300_000))
      const drained = channel.drained()
      channel.abort(new Error('enough'))
      channel.abort(new Error('again'))
      socket.message(bytes(2))
      socket.closed(1006)
      await drained
      await turn()
      expect(told).toEqual(['closed: enough'])
      expect([channel.queuedBytes, channel.heldBytes, channel.send(bytes(1))]).toEqual([0, 0, 'closed'])
      expect(socket instanceof FakeNodeWebSocket ? socket.terminated : socket.closes).toEqual(
        socket instanceof FakeNodeWebSocket ? true : [undefined],
      )
    }
  })

  it('reports to a late sink that it is closed', async () => {
    const { socket, told, start } = opened(new FakeWebSocket())
    socket.closed(1006)
    start()
    await turn()
    expect(told).toEqual(['closed: The WebSocket closed with code 1006.'])
  })

  it('reports a WebSocket that was already closed', async () => {
    const socket = new FakeWebSocket()
    socket.readyState = 3
    const { channel, told, start } = opened(socket)
    await channel.drained()
    start()
    await turn()
    expect(told).toEqual(['closed: The WebSocket was already closed when its channel was made.'])
    expect(channel.send(bytes(1))).toBe('closed')
  })

  it('reports a WebSocket that was already closing, as soon as it is closed', async () => {
    const socket = new FakeWebSocket()
    socket.readyState = 2
    const { channel, told, start } = opened(socket)
    start()
    await turn()
    expect(told).toEqual([])
    expect(channel.send(bytes(1))).toBe('closed')
    socket.closed(1000)
    await turn()
    expect(told).toEqual(['end', 'closed'])
  })

  it('does not drain after its close, although ws calls back then for unsent messages', async () => {
    const { socket, channel, told, start } = opened(new FakeNodeWebSocket())
    start()
    expect(channel.send(new Uint8Array(300_000))).toBe('full')
    channel.abort()
    socket.bufferedAmount = 0
    for (const written of socket.written) written()
    await turn()
    for (const written of socket.written) written()
    expect(told).toEqual(['closed'])
  })
})
