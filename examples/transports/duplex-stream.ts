import type { Duplex } from 'node:stream'
import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'

/**
 * A ByteStream over a stream of node that reads and writes: a socket of node:net (made with `allowHalfOpen`), a pipe,
 * a TLS socket.
 */
export function duplexStream(duplex: Duplex): ByteStream {
  let sink: ByteStreamSink | undefined
  let reason: Error | undefined
  let waiting: (() => void)[] = []
  const is = { ended: false, closed: false, owedDrain: false }

  function drained(): void {
    const settled = waiting
    waiting = []
    for (const resolve of settled) resolve()
  }

  // Listened to from the start: an error that nobody hears ends the process.
  duplex.on('error', (error) => {
    reason ??= error
  })
  duplex.on('drain', () => {
    drained()
    if (is.owedDrain) sink?.drain()
    is.owedDrain = false
  })
  duplex.on('close', () => {
    is.closed = true
    drained()
    sink?.close(reason)
  })

  return {
    get queuedBytes() {
      return duplex.writableLength
    },
    start(given) {
      if (sink !== undefined) throw new Error('This stream has a sink already.')
      sink = given
      // The methods are called on the sink: duplex.on('data', given.data) would take them off it.
      duplex.on('data', (chunk: Buffer) => given.data(chunk))
      duplex.on('end', () => given.end())
      // One that was gone before has said so to nobody.
      if (is.closed) queueMicrotask(() => given.close(reason))
    },
    send(bytes): SendVerdict {
      if (is.ended || duplex.destroyed) return 'closed'
      // The bytes are lent: they belong to the caller again when this returns, and node keeps what it was given.
      const copy = bytes instanceof Uint8Array ? Buffer.from(bytes) : Buffer.concat(bytes)
      if (copy.length === 0) return 'sent'
      const hasRoom = duplex.write(copy)
      is.owedDrain ||= !hasRoom
      if (!hasRoom) return 'full'
      return duplex.writableLength === 0 ? 'sent' : 'queued'
    },
    drained: () =>
      is.closed || !duplex.writableNeedDrain
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push(resolve)),
    pause: () => void duplex.pause(),
    resume: () => void duplex.resume(),
    end() {
      if (is.ended) return
      is.ended = true
      duplex.end()
    },
    abort(error) {
      if (is.closed) return
      reason ??= error
      is.ended = true
      // Without the error: this side knows why, and 'close' follows all the same.
      duplex.destroy()
    },
  }
}
