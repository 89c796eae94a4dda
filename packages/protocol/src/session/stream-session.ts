import type { SendVerdict } from '@frameport/framing'
import { describeValue } from '../checks/check-value.ts'
import { isDuration } from '../checks/milliseconds.ts'
import { decodeEnvelope } from '../envelope/decode-envelope.ts'
import type { GoawayEnvelope, HelloEnvelope, WelcomeEnvelope } from '../envelope/envelope.ts'
import { ProtocolError } from '../protocol-error.ts'
import { RpcError } from '../rpc-error.ts'
import { withAnyDelay } from './any-delay.ts'
import { callbackGuard } from './callback-guard.ts'
import { dispatch, type Receivers } from './dispatch.ts'
import { EnvelopeWriter } from './envelope-writer.ts'
import { EventChannel } from './event-channel.ts'
import { FrameReader } from './frame-reader.ts'
import { GuardedStream } from './guarded-stream.ts'
import { helloOf, peerInfo } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { IncomingCalls } from './incoming-calls.ts'
import { Opening } from './opening.ts'
import { OutgoingCalls } from './outgoing-calls.ts'
import { PingAllowance } from './ping-allowance.ts'
import { ReceiveGate } from './receive-gate.ts'
import type { SessionCore } from './session-core.ts'
import { faultOf, lostConnection, reasonOfGoaway, SessionFault } from './session-fault.ts'
import { resolveSessionLimits } from './session-limits.ts'
import type {
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  Session,
  SessionCloseReason,
  SessionEvent,
  SessionOptions,
  SessionTimer,
  WelcomeInfo,
} from './session-types.ts'
import { StreamEnding } from './stream-ending.ts'
import { goawayOf } from './wire-errors.ts'

/** `ending`: everything has settled, and the stream below is being closed. */
type Phase = 'opening' | 'open' | 'draining' | 'ending' | 'closed'

const orderly: SessionCloseReason = { code: 'CLOSED', message: 'the session was closed in order' }

/** The state machine of one side: which envelope is right when, and how it all ends. */
export class StreamSession implements Session {
  readonly #options: SessionOptions
  readonly #stream: GuardedStream
  readonly #core: SessionCore
  readonly #outgoing: OutgoingCalls
  readonly #incoming: IncomingCalls
  readonly #opening: Opening
  readonly #receivers: Receivers
  readonly #heartbeat: Heartbeat
  readonly #gate: ReceiveGate
  readonly #pings: PingAllowance
  readonly #intake: FrameReader
  readonly #ending: StreamEnding
  readonly #closedOnce: Promise<void>
  #resolveClosed: () => void = () => {}
  #phase: Phase = 'opening'
  #peer: WelcomeInfo | undefined
  #reason: SessionCloseReason | undefined
  #goawaySent = false
  #phaseTimer: SessionTimer | undefined
  #drainUntilMs: number | undefined

  constructor(options: SessionOptions) {
    const limits = resolveSessionLimits(options.limits)
    const { role, handlers } = options
    const stream = new GuardedStream(options.stream, (error) => this.#streamBroke(error))
    this.#stream = stream
    const environment = withAnyDelay(options.environment)
    this.#options = options
    this.#core = {
      role,
      environment,
      limits,
      handlers,
      outbox: new EnvelopeWriter(stream),
      guard: callbackGuard(handlers),
      callEnded: () => this.#callEnded(),
      answered: () => this.#gate.check(),
    }
    this.#outgoing = new OutgoingCalls(this.#core)
    this.#incoming = new IncomingCalls(this.#core)
    this.#receivers = {
      outgoing: this.#outgoing,
      incoming: this.#incoming,
      events: new EventChannel(this.#core),
      ping: (token) => this.#ping(token),
      goaway: (envelope) => this.#goaway(envelope),
    }
    this.#opening = new Opening(this.#core, options, {
      opened: (peer) => this.#intakeSafely(() => this.#open(peer)),
      refused: (reason, error) => this.#refused(reason, error),
      goaway: (envelope) => this.#goaway(envelope),
      isOver: () => this.#phase !== 'opening',
    })
    this.#heartbeat = new Heartbeat(this.#core, () =>
      this.#fail(new SessionFault('HEARTBEAT_TIMEOUT', 'the peer sent nothing and answered no ping')),
    )
    this.#gate = new ReceiveGate(this.#core, stream, {
      closed: () => this.#heartbeat.suspend(),
      opened: () => this.#receiveAgain(),
      stalled: () => this.#fail(new SessionFault('LIMIT_EXCEEDED', 'the peer does not read its answers')),
    })
    this.#pings = new PingAllowance(this.#core)
    const firstFrameMax =
      role === 'server' ? Math.min(limits.helloBytesMax, limits.frameBytesMax) : limits.frameBytesMax
    this.#intake = new FrameReader(role, firstFrameMax, {
      wanted: () => (this.#isOver ? 'drop' : this.#gate.closed ? 'hold' : 'take'),
      frame: (payload) => this.#frame(payload),
      end: () => this.#peerEnded(),
    })
    this.#ending = new StreamEnding(this.#core, stream)
    this.#closedOnce = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  get state(): Session['state'] {
    return this.#phase === 'ending' ? 'closed' : this.#phase
  }

  get peer(): WelcomeInfo | undefined {
    return this.#peer
  }

  get callsInFlight(): number {
    return this.#outgoing.size + this.#incoming.size
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes
  }

  get #isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'closed'
  }

  start(): void {
    const { role } = this.#options
    const stream = this.#stream
    const { environment, limits, outbox } = this.#core
    const hello = role === 'client' ? helloOf(this.#options, limits) : undefined
    if (hello !== undefined) outbox.check(hello)
    stream.start({
      data: (chunk) => this.#data(chunk),
      end: () => this.#intakeSafely(() => this.#intake.end()),
      drain: () => this.#drained(),
      close: (error) => this.#streamClosed(error),
    })
    try {
      this.#phaseTimer = environment.setTimer(limits.helloTimeoutMs, () =>
        this.#fail(new SessionFault('HELLO_TIMEOUT', `no handshake within ${limits.helloTimeoutMs} ms`)),
      )
      if (hello !== undefined) outbox.send(hello, 'own')
    } catch (cause) {
      // The stream is started and has no other owner.
      this.abort({ code: 'ABORTED', message: 'the session could not start', cause })
      throw cause
    }
  }

  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    return this.#outgoing.start(options, events)
  }

  emit(event: SessionEvent): SendVerdict {
    if (this.#phase !== 'open' && this.#phase !== 'draining') return 'closed'
    return this.#receivers.events.emit(event)
  }

  close({ graceMs = this.#core.limits.closeGraceMs }: { readonly graceMs?: number } = {}): Promise<void> {
    if (!isDuration(graceMs)) return Promise.reject(invalidGrace(graceMs))
    if (this.#isOver || this.#goawaySent) return this.#closedOnce
    const { environment } = this.#core
    this.#sendGoaway(orderly)
    if (this.#phase === 'opening') this.#finish(orderly)
    else {
      this.#phase = 'draining'
      this.#drainUntilMs = environment.nowMs() + graceMs
      this.#phaseTimer = environment.setTimer(graceMs, () => this.#graceOver())
      this.#outgoing.stopStarting(
        () => new RpcError('UNAVAILABLE', 'this side is closing: the call was not sent'),
      )
      this.#endWhenIdle()
    }
    return this.#closedOnce
  }

  abort(reason: SessionCloseReason): void {
    if (this.#phase === 'closed') return
    if (!this.#isOver) this.#settleEverything(reason)
    this.#stopTimers()
    this.#stream.abort()
  }

  #data(chunk: Uint8Array): void {
    if (this.#isOver) return
    this.#heartbeat.heard()
    this.#intakeSafely(() => this.#intake.push(chunk))
  }

  #receiveAgain(): void {
    this.#heartbeat.resume()
    this.#intakeSafely(() => this.#intake.pump())
  }

  #intakeSafely(take: () => void): void {
    try {
      take()
    } catch (error) {
      this.#fail(faultOf(error))
    }
  }

  #drained(): void {
    this.#core.outbox.drained()
    this.#incoming.drained()
  }

  #frame(payload: Uint8Array): void {
    if (this.#phase === 'opening') this.#opening.frame(payload)
    else dispatch(decodeEnvelope(payload, this.#core.limits), this.#receivers)
  }

  #open(peer: HelloEnvelope | WelcomeEnvelope): void {
    const { limits, handlers } = this.#core
    this.#phase = 'open'
    this.#phaseTimer?.cancel()
    this.#intake.setFrameBytesMax(limits.frameBytesMax)
    this.#incoming.setAnnounced(peer.contracts)
    const info = peerInfo(peer)
    this.#peer = info
    this.#heartbeat.start()
    this.#core.guard(() => handlers.opened(info))
    this.#outgoing.setSlots(info.callsInFlightMax)
  }

  /** A client's calls fail with what the server said. */
  #refused(reason: SessionCloseReason, error: RpcError | undefined): void {
    if (error !== undefined) {
      const { code, message } = error
      this.#outgoing.stopStarting(() => new RpcError(code, message, { cause: error }))
    }
    this.#finish(reason)
  }

  #ping(token: number): void {
    if (!this.#pings.take()) throw new SessionFault('LIMIT_EXCEEDED', 'too many pings')
    this.#core.outbox.send({ kind: 'pong', token }, 'answer')
    this.#gate.check()
  }

  #goaway({ code, text, lastCallId }: GoawayEnvelope): void {
    const refused = () => new RpcError('UNAVAILABLE', 'the peer is closing and did not take the call')
    this.#outgoing.stopStarting(refused)
    this.#outgoing.refusedAfter(lastCallId, refused)
    if (code !== 'CLOSED' || this.#phase === 'opening') {
      this.#finish(code === 'CLOSED' ? orderly : reasonOfGoaway(code, text))
      return
    }
    this.#incoming.goawayReceived()
    if (this.#phase === 'open') {
      this.#phase = 'draining'
      this.#core.guard(() => this.#core.handlers.goaway())
    }
    this.#endWhenIdle()
  }

  #sendGoaway(reason: SessionCloseReason): void {
    this.#goawaySent = true
    this.#incoming.goawaySent()
    this.#core.outbox.send(goawayOf(reason, this.#incoming.lastId), 'own')
  }

  #callEnded(): void {
    if (this.#phase === 'open') this.#outgoing.sendWaiting()
    this.#endWhenIdle()
  }

  #endWhenIdle(): void {
    if (this.#phase === 'draining' && this.callsInFlight === 0) this.#end(orderly)
  }

  #graceOver(): void {
    const error = () =>
      new RpcError('UNAVAILABLE', 'the session was closed before the call had ended', { maybeExecuted: true })
    this.#phase = 'ending'
    this.#incoming.abortAll(error, true)
    this.#outgoing.cut(error)
    this.#end(orderly)
  }

  #peerEnded(): void {
    this.#finish(this.#phase === 'draining' ? orderly : lostConnection())
  }

  /** Ends for a fault of the peer, and tells it why, unless it seems to speak another protocol. */
  #fail({ code, message, cause }: SessionFault): void {
    const stranger = this.#phase === 'opening' && (code === 'NOT_FRAMEPORT' || code === 'FRAME_TOO_LARGE')
    const reason: SessionCloseReason = { code, message, ...(cause === undefined ? {} : { cause }) }
    this.#finish(reason, () => stranger || this.#sendGoaway(reason))
  }

  #finish(reason: SessionCloseReason, lastWords?: () => void): void {
    if (this.#isOver) return
    this.#settleEverything(reason)
    lastWords?.()
    this.#end(reason)
  }

  /** Each outgoing call is settled and each handler told, once; from here on nothing is taken in. */
  #settleEverything(reason: SessionCloseReason): void {
    this.#phase = 'ending'
    this.#reason ??= reason
    const { code, message, cause } = reason
    const text = `the connection ended (${code}): ${message}`
    this.#outgoing.stopStarting(() => new RpcError('UNAVAILABLE', text, { cause }))
    this.#outgoing.cut(() => new RpcError('UNAVAILABLE', text, { maybeExecuted: true, cause }))
    this.#incoming.abortAll(() => new RpcError('UNAVAILABLE', text, { cause }), false)
  }

  #end(reason: SessionCloseReason): void {
    this.#phase = 'ending'
    this.#reason ??= reason
    this.#stopTimers()
    const { environment, limits } = this.#core
    const graceMs = reason === orderly ? limits.closeGraceMs : 0
    this.#ending.begin(this.#drainUntilMs ?? environment.nowMs() + graceMs)
  }

  #stopTimers(): void {
    this.#phaseTimer?.cancel()
    this.#heartbeat.stop()
    this.#gate.stop()
  }

  /** Nobody can tell what a stream does whose methods throw: it is aborted, and not waited for. */
  #streamBroke(cause: unknown): void {
    this.#stream.abort()
    this.#reason ??= { code: 'ABORTED', message: 'a method of its stream threw', cause }
    this.#streamClosed(undefined)
  }

  #streamClosed(error: Error | undefined): void {
    if (this.#phase === 'closed') return
    if (!this.#isOver) this.#settleEverything(this.#reason ?? lostConnection(error))
    this.#stopTimers()
    this.#ending.cancel()
    this.#phase = 'closed'
    const reason = this.#reason ?? orderly
    this.#core.guard(() => this.#core.handlers.closed(reason))
    this.#resolveClosed()
  }
}

function invalidGrace(graceMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `graceMs is ${describeValue(graceMs)}: it is a number of milliseconds from 0 on, or Infinity; nothing was closed`,
  )
}
