import type { FrameChannel, FrameSink, Payload } from '@frameport/framing'

/** A channel whose other side is the test. */
export function channelByHand() {
  let sink: FrameSink | undefined
  let isPaused = false
  let hasEnded = false
  let isAborted = false
  let isClosed = false
  let heldBytes = 0
  const sent: Uint8Array[] = []
  const closes = (error?: Error) => {
    if (isClosed) return
    isClosed = true
    sink?.close?.(error)
  }
  const byHand = { isFull: false }
  const channel: FrameChannel = {
    queuedBytes: 0,
    get heldBytes() {
      return heldBytes
    },
    frameOverheadBytes: 4,
    receiveBytesMax: 1_000_000,
    sendBytesMax: 1_000_000,
    start(given) {
      sink = given
    },
    send(payload: Payload) {
      sent.push(Uint8Array.from(payload as Uint8Array))
      return byHand.isFull ? 'full' : 'sent'
    },
    drained: () => Promise.resolve(),
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
    },
    end() {
      hasEnded = true
    },
    abort(error) {
      isAborted = true
      queueMicrotask(() => closes(error))
    },
  }
  return Object.assign(byHand, {
    channel,
    sent,
    sink: () => sink as FrameSink,
    isPaused: () => isPaused,
    hasEnded: () => hasEnded,
    isAborted: () => isAborted,
    arrives: (text: string) => sink?.frame(new TextEncoder().encode(text)),
    /** Simulates that a part of a frame has arrived. */
    holds(bytes: number) {
      heldBytes = bytes
      sink?.received?.()
    },
    drains() {
      byHand.isFull = false
      sink?.drain?.()
    },
    closes,
  })
}
