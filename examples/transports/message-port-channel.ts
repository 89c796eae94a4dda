import type { MessagePort } from 'node:worker_threads'
import { type FrameChannel, type FrameSink, FramingError } from '@frameport/framing'

const [windowBytes, highBytes, lowBytes] = [65_536, 1_048_576, 262_144]

/** A channel over a MessagePort: a Uint8Array is a frame, a number says how many bytes were delivered, a text ends. */
export function messagePortChannel(port: MessagePort): FrameChannel {
  let [sink, unacknowledgedBytes] = [undefined as FrameSink | undefined, 0]
  const [held, waiting] = [[] as (Uint8Array | 'end')[], [] as (() => void)[]]
  const is = { paused: false, owedDrain: false, ended: false, peerEnded: false, deaf: false, closed: false }

  function finish(error?: Error): void {
    if (is.closed) return
    is.closed = is.ended = true
    port.close()
    for (const resolve of waiting.splice(0)) resolve()
    queueMicrotask(() => sink?.close?.(error))
  }

  function arrived(message: Uint8Array | number | 'end' | 'abort'): void {
    if (is.closed) return
    if (message === 'abort') finish(new Error('The other side aborted.'))
    else if (typeof message === 'number') acknowledged(message)
    else {
      if (message === 'end') is.peerEnded = true
      else if (!is.deaf) sink?.received?.()
      held.push(message)
      deliver()
    }
  }

  function acknowledged(bytes: number): void {
    unacknowledgedBytes -= bytes
    if (channel.queuedBytes > lowBytes) return
    for (const resolve of waiting.splice(0)) resolve()
    if (is.owedDrain) queueMicrotask(() => sink?.drain?.())
    is.owedDrain = false
  }

  function deliver(): void {
    while (!is.paused && !is.closed && held.length > 0) {
      const next = held.shift() as Uint8Array | 'end'
      if (next !== 'end') deliverFrame(next)
      else if (!is.deaf) sink?.end?.()
      if (next === 'end' && is.ended) finish()
    }
  }

  function deliverFrame(frame: Uint8Array): void {
    if (frame.length > channel.receiveBytesMax && !is.deaf) {
      is.deaf = true
      const error = new FramingError('FRAME_TOO_LONG', 'A frame came that is over receiveBytesMax.')
      sink?.invalid === undefined ? channel.abort(error) : sink.invalid(error)
    } else if (!is.deaf) sink?.frame(frame)
    port.postMessage(frame.fill(0xdd).length)
  }

  const channel: FrameChannel = {
    frameOverheadBytes: 0,
    receiveBytesMax: 1_048_576,
    sendBytesMax: 1_048_576,
    get queuedBytes() {
      return Math.max(0, unacknowledgedBytes - windowBytes)
    },
    start(given) {
      if (sink !== undefined) throw new FramingError('ALREADY_STARTED', 'This port has a sink already.')
      sink = given
      port.on('message', arrived)
      port.on('close', () => is.peerEnded || finish(new Error('The other port is gone.')))
    },
    send(payload) {
      const frame = new Uint8Array(Buffer.concat([payload].flat() as Uint8Array[]))
      if (frame.length > channel.sendBytesMax) throw new FramingError('FRAME_TOO_LONG', 'Over sendBytesMax.')
      if (is.ended) return 'closed'
      unacknowledgedBytes += frame.length
      port.postMessage(frame, [frame.buffer])
      is.owedDrain ||= channel.queuedBytes > highBytes
      return channel.queuedBytes > highBytes ? 'full' : channel.queuedBytes > 0 ? 'queued' : 'sent'
    },
    async drained() {
      if (!is.closed && channel.queuedBytes > lowBytes) await new Promise<void>((r) => waiting.push(r))
    },
    pause: () => void Object.assign(is, { paused: true }),
    resume() {
      is.paused = false
      queueMicrotask(deliver)
    },
    end() {
      if (is.ended) return
      is.ended = true
      port.postMessage('end')
      if (is.peerEnded && held.length === 0) finish()
    },
    abort(error) {
      port.postMessage('abort')
      finish(error)
    },
  }
  return channel
}
