import type { FrameChannel, FrameSink, Payload, SendVerdict } from '@frameport/framing'
import { createVirtualClock } from '@frameport/testing'
import { encodeEnvelope } from '../../src/envelope/index.ts'
import { createSession } from '../../src/session/index.ts'
import { hello, welcome } from './raw-peer.ts'
import { Recorder, type SideOptions } from './sessions.ts'

/** A channel that ignores most of the contract of channels: it accepts what it is sent, and does nothing else. */
export class ForeignChannel implements FrameChannel {
  queuedBytes = 0
  frameOverheadBytes = 0
  receiveBytesMax = 0
  sendBytesMax = 0
  sink!: FrameSink
  sent = 0
  aborts = 0
  verdict: unknown = 'sent'
  drainedReturns: unknown = Promise.resolve()
  whileSending: () => void = () => undefined

  start(sink: FrameSink): void {
    this.sink = sink
  }

  send(_payload: Payload): SendVerdict {
    this.sent += 1
    this.whileSending()
    return this.verdict as SendVerdict
  }

  drained(): Promise<void> {
    return this.drainedReturns as Promise<void>
  }

  pause(): void {}
  resume(): void {}
  end(): void {}

  abort(): void {
    this.aborts += 1
  }
}

/** A session on such a channel, after its handshake unless `handshake` is false. */
export async function onForeignChannel(
  role: 'client' | 'server',
  options: SideOptions & { readonly handshake?: boolean } = {},
) {
  const { handshake = true, ...sideOptions } = options
  const time = createVirtualClock()
  const channel = new ForeignChannel()
  const recorder = new Recorder()
  const session = createSession({
    contracts: [],
    ...sideOptions,
    role,
    environment: time,
    handlers: recorder,
  })
  session.attach(channel)
  if (handshake) {
    const { header, body } = encodeEnvelope(role === 'server' ? hello : welcome)
    channel.sink.frame(Uint8Array.of(...header, ...body))
  }
  await time.settle()
  return { time, channel, recorder, session }
}
