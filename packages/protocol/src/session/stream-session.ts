import type { SendVerdict } from '@frameport/framing'
import { decodeEnvelope } from '../envelope/decode-envelope.ts'
import {
  type Envelope,
  type FailureEnvelope,
  type GoawayEnvelope,
  type HelloEnvelope,
  type IgnorableEnvelope,
  noMetadata,
  type WelcomeEnvelope,
} from '../envelope/envelope.ts'
import { fitText } from '../envelope/text.ts'
import { envelopeLimits, resolveSessionLimits } from '../limits.ts'
import { RpcError } from '../rpc-error.ts'
import { EventChannel } from './event-channel.ts'
import { FrameIntake } from './frame-intake.ts'
import {
  checkWelcome,
  helloInfo,
  helloOf,
  looksLikeHandshake,
  negotiate,
  notFrameport,
  outOfTurn,
  peerInfo,
  welcomeOf,
} from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { IncomingCalls } from './incoming-calls.ts'
import { Outbox } from './outbox.ts'
import { OutgoingCalls } from './outgoing-calls.ts'
import { PingAllowance } from './ping-allowance.ts'
import { ReceiveGate } from './receive-gate.ts'
import type { SessionCore } from './session-core.ts'
import { faultOf, reasonOfGoaway, SessionFault, violation } from './session-fault.ts'
import type {
  Metadata,
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
import { sendFailure } from './wire-errors.ts'

/** `ending`: everything has settled, and the stream below is being closed. */
type Phase = 'opening' | 'open' | 'draining' | 'ending' | 'closed'

const orderly: SessionCloseReason = { code: 'CLOSED', message: 'the session was closed in order' }

/** The state machine of one side: which envelope is right when, and how it all ends. */
export class StreamSession implements Session {
  readonly #options: SessionOptions
  readonly #core: SessionCore
  readonly #outgoing: OutgoingCalls
  readonly #incoming: IncomingCalls
  readonly #events: EventChannel
  readonly #heartbeat: Heartbeat
  readonly #gate: ReceiveGate
  readonly #pings: PingAllowance
  readonly #intake: FrameIntake
  readonly #closedOnce: Promise<void>
  #resolveClosed: () => void = () => {}
  #phase: Phase = 'opening'
  #peer: WelcomeInfo | undefined
  #reason: SessionCloseReason | undefined
  #helloTaken = false
  #goawaySent = false
  #phaseTimer: SessionTimer | undefined
  #drainUntilMs: number | undefined

  constructor(options: SessionOptions) {
    const limits = resolveSessionLimits(options.limits)
    const { role, stream, environment, handlers } = options
    this.#options = options
    this.#core = {
      role,
      environment,
      limits,
      handlers,
      outbox: new Outbox(stream),
      guard: (callback) => this.#guard(callback),
      callEnded: () => this.#callEnded(),
      answered: () => this.#gate.check(),
    }
    this.#outgoing = new OutgoingCalls(this.#core)
    this.#incoming = new IncomingCalls(this.#core)
    this.#events = new EventChannel(this.#core)
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
    this.#intake = new FrameIntake(role, firstFrameMax, {
      wanted: () => (this.#isOver ? 'drop' : this.#gate.closed ? 'hold' : 'take'),
      frame: (payload) => this.#frame(payload),
      end: () => this.#peerEnded(),
    })
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
    return this.#options.stream.queuedBytes
  }

  get #isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'closed'
  }

  start(): void {
    const { stream, role, environment } = this.#options
    const { limits, outbox } = this.#core
    const hello = role === 'client' ? helloOf(this.#options, limits) : undefined
    if (hello !== undefined) outbox.check(hello)
    stream.start({
      data: (chunk) => this.#data(chunk),
      end: () => this.#intakeSafely(() => this.#intake.end()),
      drain: () => this.#drained(),
      close: (error) => this.#streamClosed(error),
    })
    this.#phaseTimer = environment.setTimer(limits.helloTimeoutMs, () =>
      this.#fail(new SessionFault('HELLO_TIMEOUT', `no handshake within ${limits.helloTimeoutMs} ms`)),
    )
    if (hello !== undefined) outbox.send(hello, 'own')
  }

  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    return this.#outgoing.start(options, events)
  }

  emit(event: SessionEvent): SendVerdict {
    if (this.#phase !== 'open' && this.#phase !== 'draining') return 'closed'
    return this.#events.emit(event)
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.#isOver || this.#goawaySent) return this.#closedOnce
    const { environment, limits } = this.#core
    this.#sendGoaway(orderly)
    if (this.#phase === 'opening') this.#end(orderly)
    else {
      const graceMs = options.graceMs ?? limits.closeGraceMs
      this.#drainUntilMs = environment.nowMs() + graceMs
      this.#startDraining()
      this.#phaseTimer = environment.setTimer(graceMs, () => this.#graceOver())
      this.#endWhenIdle()
    }
    return this.#closedOnce
  }

  abort(reason: SessionCloseReason): void {
    if (this.#phase === 'closed') return
    if (!this.#isOver) this.#settleEverything(reason)
    this.#stopTimers()
    this.#options.stream.abort()
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
    this.#gate.open()
  }

  #frame(payload: Uint8Array): void {
    if (this.#phase === 'opening') this.#handshake(payload)
    else this.#dispatch(decodeEnvelope(payload, this.#core.limits))
  }

  #handshake(payload: Uint8Array): void {
    const { role } = this.#core
    const first = !this.#helloTaken
    this.#helloTaken = true
    if (first && !looksLikeHandshake(role, payload)) throw notFrameport(role)
    const envelope = decodeEnvelope(payload, this.#core.limits)
    if (envelope.kind === 'goaway') this.#goaway(envelope)
    else if (first && role === 'server' && envelope.kind === 'hello') this.#hello(envelope)
    else if (first && role === 'client' && envelope.kind === 'welcome') this.#welcome(envelope)
    else if (role === 'client' && envelope.kind === 'failure' && envelope.callId === 0)
      this.#helloRefused(envelope)
    else throw outOfTurn(envelope)
  }

  #hello(hello: HelloEnvelope): void {
    const version = negotiate(hello)
    const { handlers, limits, outbox } = this.#core
    outbox.setPeerLimits(hello.limits)
    const accept = ({ metadata = noMetadata }: { readonly metadata?: Metadata }) => {
      if (this.#phase !== 'opening') return
      outbox.checkMetadata(metadata)
      outbox.send(welcomeOf(this.#options, limits, version, metadata), 'answer')
      this.#open(hello)
    }
    if (handlers.hello === undefined) {
      accept({})
      return
    }
    void Promise.resolve(helloInfo(hello, limits))
      .then((info) => handlers.hello?.(info) ?? {})
      .then(accept)
      .catch((error: unknown) => this.#refuseHello(error))
  }

  #welcome(welcome: WelcomeEnvelope): void {
    checkWelcome(welcome)
    this.#core.outbox.setPeerLimits(welcome.limits)
    this.#open(welcome)
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
    this.#guard(() => handlers.opened(info))
    if (this.#phase === 'open') this.#outgoing.setSlots(info.callsInFlightMax)
  }

  #refuseHello(error: unknown): void {
    if (this.#phase !== 'opening') return
    const known = RpcError.is(error)
    const shown = known ? error : new RpcError('INTERNAL', 'the server could not take the hello')
    sendFailure(this.#core.outbox, 0, shown)
    const reason: SessionCloseReason = {
      code: 'HELLO_REFUSED',
      message: `the hello was refused with ${shown.code}: ${shown.message}`,
      cause: error,
    }
    this.#settleEverything(reason)
    this.#end(reason)
  }

  #helloRefused(envelope: FailureEnvelope): void {
    const cause = new RpcError(envelope.code, envelope.text)
    const reason: SessionCloseReason = {
      code: 'HELLO_REFUSED',
      message: `the server refused the hello with ${envelope.code}: ${envelope.text}`,
      cause,
    }
    this.#phase = 'ending'
    this.#outgoing.stopStarting(() => new RpcError(envelope.code, envelope.text, { cause }))
    this.#end(reason)
  }

  #dispatch(envelope: Envelope | IgnorableEnvelope): void {
    switch (envelope.kind) {
      case 'hello':
      case 'welcome':
        throw violation(`a ${envelope.kind} after the handshake`)
      case 'call':
        this.#incoming.call(envelope)
        return
      case 'result':
        this.#outgoing.result(envelope)
        return
      case 'failure':
        this.#outgoing.failure(envelope)
        return
      case 'item':
        this.#incoming.isFromPeer(envelope.callId)
          ? this.#incoming.upload(envelope)
          : this.#outgoing.item(envelope)
        return
      case 'end':
        this.#incoming.isFromPeer(envelope.callId)
          ? this.#incoming.upload(envelope)
          : this.#outgoing.end(envelope)
        return
      case 'credit':
        this.#incoming.credit(envelope)
        return
      case 'cancel':
        this.#incoming.cancel(envelope)
        return
      case 'event':
        this.#events.receive(envelope)
        return
      case 'subscribe':
      case 'unsubscribe':
        this.#incoming.subscription(envelope)
        return
      case 'ping':
        this.#ping(envelope.token)
        return
      case 'goaway':
        this.#goaway(envelope)
        return
      case 'pong':
      case 'ignorable':
        return
    }
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
      const reason = code === 'CLOSED' ? orderly : reasonOfGoaway(code, text)
      this.#settleEverything(reason)
      this.#end(reason)
      return
    }
    this.#incoming.goawayReceived()
    if (this.#phase === 'open') {
      this.#phase = 'draining'
      this.#guard(() => this.#core.handlers.goaway())
    }
    this.#endWhenIdle()
  }

  #startDraining(): void {
    this.#phase = 'draining'
    this.#outgoing.stopStarting(
      () => new RpcError('UNAVAILABLE', 'this side is closing: the call was not sent'),
    )
  }

  #sendGoaway({ code, message }: SessionCloseReason): void {
    this.#goawaySent = true
    this.#incoming.goawaySent()
    this.#core.outbox.send(
      {
        kind: 'goaway',
        code,
        text: fitText(message, envelopeLimits.textBytesMax),
        lastCallId: this.#incoming.lastId,
        metadata: noMetadata,
      },
      'own',
    )
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
    if (this.#phase === 'draining') {
      this.#settleEverything(orderly)
      this.#end(orderly)
      return
    }
    const reason: SessionCloseReason = { code: 'CONNECTION_LOST', message: 'the peer ended without a goaway' }
    this.#settleEverything(reason)
    this.#end(reason)
  }

  /** Ends for a fault of the peer, and tells it why, unless it seems to speak another protocol. */
  #fail({ code, message, cause }: SessionFault): void {
    if (this.#isOver) return
    const stranger = this.#phase === 'opening' && (code === 'NOT_FRAMEPORT' || code === 'FRAME_TOO_LARGE')
    const reason: SessionCloseReason = { code, message, ...(cause === undefined ? {} : { cause }) }
    this.#settleEverything(reason)
    if (!stranger) this.#sendGoaway(reason)
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

  /** Sends what is queued, then waits a little for the peer to end, too. */
  #end(reason: SessionCloseReason): void {
    this.#phase = 'ending'
    this.#reason ??= reason
    this.#stopTimers()
    this.#options.stream.end()
    this.#linger(this.#core.outbox.bytesTaken)
  }

  #linger(bytesTakenBefore: number): void {
    const { environment, limits, outbox } = this.#core
    this.#phaseTimer = environment.setTimer(limits.closeLingerMs, () => {
      const taken = outbox.bytesTaken
      const inTime = environment.nowMs() < (this.#drainUntilMs ?? 0)
      if (inTime && outbox.queuedBytes > 0 && taken > bytesTakenBefore) this.#linger(taken)
      else this.#options.stream.abort()
    })
  }

  #stopTimers(): void {
    this.#phaseTimer?.cancel()
    this.#heartbeat.stop()
    this.#gate.stop()
  }

  #streamClosed(error: Error | undefined): void {
    if (this.#phase === 'closed') return
    if (!this.#isOver) {
      this.#settleEverything({
        code: 'CONNECTION_LOST',
        message:
          error === undefined
            ? 'the connection ended without a goaway'
            : `the connection broke: ${error.message}`,
        ...(error === undefined ? {} : { cause: error }),
      })
    }
    this.#stopTimers()
    this.#phase = 'closed'
    const reason = this.#reason ?? orderly
    this.#guard(() => this.#core.handlers.closed(reason))
    this.#resolveClosed()
  }

  #guard(callback: () => void): boolean {
    try {
      callback()
      return true
    } catch (error) {
      this.#report(error)
      return false
    }
  }

  #report(error: unknown): void {
    const { handlers } = this.#core
    try {
      if (handlers.uncaught === undefined) void Promise.reject(error)
      else handlers.uncaught(error)
    } catch (second) {
      void Promise.reject(second)
    }
  }
}
