import type { CallKind } from '../../envelope/call-kind.ts'
import { type Body, encodeBody } from '../../envelope/codec.ts'
import { type CallEnvelope, type Metadata, noMetadata } from '../../envelope/envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import type { IncomingCall } from '../common/call-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { violation } from '../common/session-fault.ts'
import { startTimer } from '../common/timers.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { asItIs, sendFailure, unsendable } from '../flow/wire-errors.ts'
import { ItemSender } from './item-sender.ts'

/** Where the calls of the peer stand. */
export interface IncomingCallTable {
  /** Its deadline has passed. */
  callExpired(call: IncomingCallState): void
  /** It was answered, whether or not anybody still waits for the answer. */
  callAnswered(call: IncomingCallState): void
}

/** A call of the peer: `open` until it is answered, `aborted` once the peer no longer waits for the answer. */
export class IncomingCallState implements IncomingCall {
  readonly id: number
  readonly procedure: string
  readonly fingerprint: string | undefined
  readonly input: Body
  readonly deadlineAtMs: number | undefined
  readonly metadata: Metadata
  readonly kind: CallKind
  readonly #core: SessionCore
  readonly #table: IncomingCallTable
  #phase: 'open' | 'aborted' | 'answered' = 'open'
  #abortReason: RpcError | undefined
  #controller: AbortController | undefined
  #deadline: SessionTimer | undefined
  /** Absent in a call that asks for no items. */
  readonly #items: ItemSender | undefined

  constructor(
    core: SessionCore,
    envelope: CallEnvelope,
    input: Body,
    fingerprint: string | undefined,
    table: IncomingCallTable,
  ) {
    this.#core = core
    this.#table = table
    this.id = envelope.callId
    this.procedure = envelope.procedure
    this.fingerprint = fingerprint
    this.input = input
    this.metadata = envelope.metadata
    this.kind = envelope.credit === undefined ? 'unary' : 'server-stream'
    this.#items =
      envelope.credit === undefined
        ? undefined
        : new ItemSender(core, envelope.callId, envelope.credit, 'answer')
    this.deadlineAtMs =
      envelope.deadlineMs === undefined ? undefined : core.environment.nowMs() + envelope.deadlineMs
  }

  /** Made when it is first asked for: most handlers never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  startDeadline(): void {
    if (this.deadlineAtMs === undefined) return
    const leftMs = this.deadlineAtMs - this.#core.environment.nowMs()
    this.#deadline = startTimer(this.#core.environment, leftMs, () => this.#table.callExpired(this))
  }

  respond(body: Body, instead = asItIs): void {
    if (!this.#answer()) return
    try {
      const encoded = encodeBody(body)
      this.#core.writer.checkBody(encoded, 'the result')
      this.#core.writer.send(
        { kind: 'result', callId: this.id, metadata: noMetadata, body: encoded },
        'answer',
      )
    } catch (error) {
      sendFailure(this.#core.writer, this.id, instead(unsendable(error, 'INTERNAL')), instead)
    }
    this.#finish()
  }

  fail(error: RpcError, instead = asItIs): void {
    if (!this.#answer()) return
    sendFailure(this.#core.writer, this.id, error, instead)
    this.#finish()
  }

  end(): void {
    if (!this.#answer()) return
    if (this.#items !== undefined) {
      this.#core.writer.send({ kind: 'end', callId: this.id, metadata: noMetadata }, 'answer')
    } else {
      sendFailure(this.#core.writer, this.id, new RpcError('INTERNAL', 'the handler gave no result'))
    }
    this.#finish()
  }

  sendItem(body: Body): void {
    if (this.#phase === 'aborted') return
    if (this.#phase === 'answered')
      throw new RpcError('FAILED_PRECONDITION', 'the call has been answered already')
    if (this.#items === undefined)
      throw new RpcError('FAILED_PRECONDITION', 'the caller asked for a result, not for items')
    this.#items.send(body)
    this.#core.answered()
  }

  get canSendItem(): boolean {
    return this.#phase === 'open' && this.#items !== undefined && this.#items.canSend
  }

  ready(): Promise<void> {
    if (this.#abortReason !== undefined) return Promise.reject(this.#abortReason)
    if (this.#phase === 'answered' || this.#items === undefined) {
      return Promise.reject(new RpcError('FAILED_PRECONDITION', 'this call takes no items'))
    }
    return this.#items.ready()
  }

  grant(items: number): void {
    if (this.#items === undefined) throw violation(`credit for call ${this.id}, which asked for no items`)
    this.#items.grant(items)
  }

  /** Items may flow again. */
  wake(): void {
    this.#items?.wake()
  }

  /** Nobody waits for the answer any more, and the handler's signal is aborted. False when it was answered or aborted before. */
  abort(reason: RpcError): boolean {
    if (this.#phase !== 'open') return false
    this.#phase = 'aborted'
    this.#abortReason = reason
    this.#deadline?.cancel()
    this.#items?.stop(reason)
    this.#core.guard(() => this.#controller?.abort(reason))
    return true
  }

  /** True when an answer is to be sent. */
  #answer(): boolean {
    const wanted = this.#phase === 'open'
    this.#phase = 'answered'
    this.#deadline?.cancel()
    if (!wanted) this.#table.callAnswered(this)
    return wanted
  }

  #finish(): void {
    this.#items?.stop(new RpcError('FAILED_PRECONDITION', 'the call was answered while an item waited'))
    this.#core.answered()
    this.#table.callAnswered(this)
  }
}
