import type { GoawayEnvelope } from '../envelope/link-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { PeerInfo } from './common/peer-info.ts'
import { reasonOfGoaway, type SessionFault } from './common/session-fault.ts'
import type { EventSender } from './events/event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { IncomingEnvelopes, type Receivers } from './incoming-envelopes.ts'
import type { LinkEvents } from './link/link-types.ts'
import { orderly } from './session-end.ts'
import type { SessionLife } from './session-life.ts'
import type { Traffic } from './traffic.ts'

/** Takes what the link of a session tells it, to those of its parts that it is about. */
export class LinkReceiver implements LinkEvents {
  readonly #core: SessionCore
  readonly #receivers: Receivers
  readonly #events: EventSender
  readonly #traffic: Traffic
  readonly #life: SessionLife
  readonly #envelopes: IncomingEnvelopes
  #peer: PeerInfo | undefined

  constructor(
    core: SessionCore,
    receivers: Receivers,
    events: EventSender,
    traffic: Traffic,
    life: SessionLife,
  ) {
    this.#core = core
    this.#receivers = receivers
    this.#events = events
    this.#traffic = traffic
    this.#life = life
    this.#envelopes = new IncomingEnvelopes(core.limits, receivers, core.partial)
  }

  /** What the peer said of itself. */
  get peer(): PeerInfo | undefined {
    return this.#peer
  }

  linkOpened(peer: PeerInfo): void {
    this.#life.opened()
    this.#core.writer.setPeer(peer.settings)
    this.#peer = peer
    this.#core.writer.grease(this.#core.environment)
    this.#events.open()
    this.#core.guard(() => this.#core.handlers.opened(peer))
    this.#receivers.outgoing.setSlots(peer.settings.callsInFlightMax)
  }

  linkRefused(reason: SessionCloseReason, error: RpcError | undefined): void {
    this.#life.refused(reason, error)
  }

  linkFrame(payload: Uint8Array): void {
    if (!this.#life.isOver) this.#envelopes.receive(payload)
  }

  linkGoaway({ code, text, lastCallId, retryAfterMs }: GoawayEnvelope): void {
    const life = this.#life
    if (life.isOver) return
    const isFinal = lastCallId !== undefined
    life.mayComeBackAfter(retryAfterMs)
    if (code === 'CLOSED' && (isFinal || life.phase === 'opening')) life.peerCloses()
    // Without an id it says nothing of the calls that are open: they may have run.
    if (isFinal) life.takeNoMore(lastCallId)
    if (code !== 'CLOSED' || life.phase === 'opening') {
      life.finish(code === 'CLOSED' ? orderly : reasonOfGoaway(code, text))
      return
    }
    if (life.phase === 'open') {
      if (isFinal) life.drain()
      this.#core.guard(() => this.#core.handlers.goaway({ isFinal, retryAfterMs }))
    }
    life.endWhenIdle()
  }

  linkReceived(): void {
    this.#traffic.received()
  }

  linkAnswered(bytes: number): void {
    this.#core.writer.countAnswer(bytes)
    this.#traffic.answered()
  }

  linkDrained(): void {
    this.#traffic.queueFell()
  }

  linkEnded(): void {
    this.#life.peerEnded()
  }

  linkFailed(fault: SessionFault): void {
    this.#life.failed(fault)
  }

  linkClosed(reason: SessionCloseReason): void {
    this.#life.linkClosed(reason)
  }
}
