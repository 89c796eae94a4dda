import { lendEnvelope } from '../envelope/decode-envelope.ts'
import type { Envelope, IgnorableEnvelope } from '../envelope/envelope.ts'
import { withArticle } from '../envelope/kinds.ts'
import { emptyLent } from '../envelope/lent-envelopes.ts'
import type { ItemEnvelope, MoreEnvelope, ResultEnvelope } from '../envelope/session-envelopes.ts'
import type { IncomingCalls } from './calls/incoming-calls.ts'
import type { OutgoingCalls } from './calls/outgoing-calls.ts'
import { violation } from './common/session-fault.ts'
import type { SessionLimits } from './common/session-limits.ts'
import type { EventReceiver } from './events/event-receiver.ts'
import type { BodyEnvelope } from './flow/body-sender.ts'
import type { PartialBodies, PieceOutcome } from './flow/partial-bodies.ts'

/** The receivers of envelopes about calls and events. */
export interface Receivers {
  readonly outgoing: OutgoingCalls
  readonly incoming: IncomingCalls
  readonly events: EventReceiver
}

/** The kinds that begin a call, with an unused id. */
const beginning: ReadonlySet<string> = new Set(['call', 'subscribe', 'unsubscribe'])

/** The kinds that only the caller sends. */
const ofCaller: ReadonlySet<string> = new Set(['cancel'])

/** The kinds that only the callee sends. */
const ofCallee: ReadonlySet<string> = new Set(['result', 'failure', 'started', 'stop'])

/** Passes the envelopes of a session to their receivers. Bodies in pieces are passed on when they are complete. */
export class IncomingEnvelopes {
  readonly #limits: SessionLimits
  readonly #receivers: Receivers
  readonly #partial: PartialBodies

  constructor(limits: SessionLimits, receivers: Receivers, partial: PartialBodies) {
    this.#limits = limits
    this.#receivers = receivers
    this.#partial = partial
  }

  /** @throws SessionFault for an envelope that is not allowed now, ProtocolError for one that is not valid */
  receive(payload: Uint8Array): void {
    try {
      const { outgoing, incoming, events } = this.#receivers
      const envelope: Envelope | IgnorableEnvelope = lendEnvelope(payload, this.#limits)
      this.#checkCall(envelope)
      switch (envelope.kind) {
        case 'call': {
          // Read first, because the handler may cause another envelope to be decoded.
          const goesOn = envelope.goesOn === true
          if (incoming.call(envelope) && goesOn) this.#took(this.#partial.begin(envelope))
          break
        }
        case 'result':
          this.#result(envelope)
          break
        case 'item':
          this.#item(envelope)
          break
        case 'more':
          this.#more(envelope)
          break
        case 'failure':
          this.#partial.drop(envelope.callId)
          outgoing.failure(envelope)
          break
        case 'end':
          this.#noneUnderWay(envelope)
          if (incoming.isFromPeer(envelope.callId)) incoming.end(envelope)
          else outgoing.end(envelope)
          break
        case 'credit':
          if (incoming.isFromPeer(envelope.callId)) incoming.credit(envelope)
          else outgoing.credit(envelope)
          break
        case 'cancel':
          this.#partial.drop(envelope.callId)
          incoming.cancel(envelope)
          break
        case 'stop':
          outgoing.stop(envelope)
          break
        case 'event':
          events.receive(envelope)
          break
        case 'subscribe':
        case 'unsubscribe':
          incoming.subscription(envelope)
          break
        case 'gap':
          events.gap(envelope)
          break
        case 'started':
          outgoing.started(envelope)
          break
        case 'oneway':
          incoming.oneway(envelope)
          break
        case 'skip':
        case 'ignorable':
          break
        // Envelopes about the connection: the link handles these.
        default:
          throw violation(`${withArticle(envelope.kind)} among calls`)
      }
    } finally {
      emptyLent()
    }
  }

  #result(envelope: ResultEnvelope): void {
    this.#noneUnderWay(envelope)
    const { outgoing } = this.#receivers
    if (envelope.goesOn === true && outgoing.isOpen(envelope.callId))
      this.#took(this.#partial.begin(envelope))
    else outgoing.result(envelope)
  }

  #item(envelope: ItemEnvelope): void {
    const { incoming, outgoing } = this.#receivers
    const { callId } = envelope
    this.#noneUnderWay(envelope)
    if (incoming.isFromPeer(callId)) {
      if (!incoming.itemBegins(envelope)) return
      if (envelope.goesOn !== true) incoming.item(envelope)
      else this.#took(this.#partial.begin(envelope))
      return
    }
    outgoing.itemBegins(envelope)
    if (envelope.goesOn !== true) outgoing.item(envelope)
    else if (outgoing.isOpen(callId)) this.#took(this.#partial.begin(envelope, true))
  }

  /** Pieces for a call that has ended are ignored, because their sender does not know about the end yet. */
  #more(envelope: MoreEnvelope): void {
    const { incoming, outgoing } = this.#receivers
    const { callId } = envelope
    if (this.#partial.has(callId)) this.#took(this.#partial.more(envelope))
    else if (incoming.expectsBeginning(callId) || outgoing.isOpen(callId))
      throw violation(`a piece for call ${callId}, which has no unfinished body`)
  }

  #took(outcome: PieceOutcome): void {
    if (outcome.kind === 'kept') return
    if (outcome.kind === 'whole') {
      this.#whole(outcome.envelope)
      return
    }
    if (outcome.kind === 'tooLong') this.#tooLong(outcome)
    // The caller has given the call up, and the answer that it still waits for is over.
    if (outcome.last && outcome.envelope.kind === 'result') this.#receivers.outgoing.result(outcome.envelope)
  }

  #whole(envelope: BodyEnvelope): void {
    const { incoming, outgoing } = this.#receivers
    if (envelope.kind === 'call') incoming.callWhole(envelope)
    else if (envelope.kind === 'result') outgoing.result(envelope)
    else if (incoming.isFromPeer(envelope.callId)) incoming.item(envelope)
    else outgoing.item(envelope)
  }

  #tooLong({ envelope, problem, retryAfterMs }: PieceOutcome & { readonly kind: 'tooLong' }): void {
    const { incoming, outgoing } = this.#receivers
    const { kind, callId } = envelope
    // Pieces that still arrive are dropped: the peer stops when it reads the failure, which may have to wait.
    if (kind === 'call') incoming.inputTooLong(callId, `the input ${problem}`, retryAfterMs)
    else if (incoming.isFromPeer(callId)) incoming.itemTooLong(callId, `an item ${problem}`, retryAfterMs)
    else outgoing.tooLong(callId, `${kind === 'result' ? 'the result' : 'an item'} ${problem}`)
  }

  /**
   * Checks that an envelope about a call comes from the side that may send it, and that the call was made. Its
   * receivers ignore one about a call that has ended: its sender does not know about the end yet.
   */
  #checkCall(envelope: Envelope | IgnorableEnvelope): void {
    if (!('callId' in envelope) || beginning.has(envelope.kind)) return
    const { kind, callId } = envelope
    const { incoming, outgoing } = this.#receivers
    const isFromPeer = incoming.isFromPeer(callId)
    if ((isFromPeer ? ofCallee : ofCaller).has(kind))
      throw violation(`${withArticle(kind)} for call ${callId} from the wrong side`)
    if (!(isFromPeer ? incoming : outgoing).wasMade(callId))
      throw violation(`${withArticle(kind)} for call ${callId}, which was never made`)
  }

  #noneUnderWay({ kind, callId }: { readonly kind: string; readonly callId: number }): void {
    if (this.#partial.has(callId))
      throw violation(`${withArticle(kind)} of call ${callId} inside another body of it`)
  }
}
