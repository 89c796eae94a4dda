import { describeValue } from '../../checks/check-value.ts'
import { type Body, decodeBody, emptyBody, encodeBody } from '../../envelope/codec.ts'
import {
  type EnvelopeBody,
  type FailureEnvelope,
  type ItemEnvelope,
  noBody,
  noMetadata,
} from '../../envelope/envelope.ts'
import { RpcError } from '../../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../common/call-types.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { violation } from '../common/session-fault.ts'
import { startTimer } from '../common/timers.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { codeAndText } from '../flow/wire-errors.ts'
import { ItemReceiver } from './item-receiver.ts'

/** `refused`: it will be settled in a microtask. `waiting`: for the handshake, or for a slot of the peer. */
type Phase = 'new' | 'refused' | 'waiting' | 'open' | 'settled'

/** A call of this side, from `call()` until it is settled. */
export class OutgoingCallState implements OutgoingCall {
  readonly id: number
  readonly #core: SessionCore
  readonly #options: OutgoingCallOptions
  readonly #events: OutgoingCallEvents
  readonly #settled: (call: OutgoingCallState) => void
  readonly #deadlineAtMs: number | undefined
  /** Absent in a call that asks for no items. */
  readonly #items: ItemReceiver | undefined
  #phase: Phase = 'new'
  #input: EnvelopeBody = noBody
  #deadline: SessionTimer | undefined

  /** @param settled called once, after the call was settled */
  constructor(
    core: SessionCore,
    id: number,
    options: OutgoingCallOptions,
    events: OutgoingCallEvents,
    settled: (call: OutgoingCallState) => void,
  ) {
    const { deadlineMs, initialCredit } = options
    this.id = id
    this.#core = core
    this.#options = options
    this.#events = events
    this.#settled = settled
    this.#deadlineAtMs = deadlineMs === undefined ? undefined : core.environment.nowMs() + deadlineMs
    this.#items = initialCredit === undefined ? undefined : new ItemReceiver(core, id, initialCredit)
  }

  /** @throws RpcError for a call that cannot be made, ProtocolError for an input without a form on the wire */
  prepare(): void {
    checkNumbers(this.#options)
    if (this.#options.deadlineMs !== undefined && this.#options.deadlineMs <= 0) {
      throw deadlineExceeded(false)
    }
    this.#input = encodeBody(this.#options.input)
  }

  /** Keeps what the caller may change before it is sent. */
  wait(): void {
    if (this.#input.encoding === 'raw') this.#input = { encoding: 'raw', bytes: this.#input.bytes.slice() }
    this.#phase = 'waiting'
  }

  /** @throws RpcError, ProtocolError or FramingError for a call that cannot be sent: nothing was sent then */
  send(): void {
    const { writer, environment } = this.#core
    const { procedure, metadata = noMetadata } = this.#options
    writer.checkBody(this.#input, 'the input')
    writer.checkMetadata(metadata)
    const leftMs = this.#deadlineAtMs === undefined ? undefined : this.#deadlineAtMs - environment.nowMs()
    if (leftMs !== undefined && leftMs <= 0) throw deadlineExceeded(false)
    const verdict = writer.send(
      {
        kind: 'call',
        callId: this.id,
        procedure,
        ...(leftMs === undefined ? {} : { deadlineMs: Math.min(Math.ceil(leftMs), Number.MAX_SAFE_INTEGER) }),
        ...(this.#items === undefined ? {} : { credit: this.#items.credit }),
        upload: false,
        metadata,
        body: this.#input,
      },
      'own',
    )
    if (verdict === 'closed')
      throw new RpcError('UNAVAILABLE', 'the connection has ended: the call was not sent')
    this.#phase = 'open'
    this.#input = noBody
  }

  startDeadline(): void {
    if (this.#deadlineAtMs === undefined || this.#phase === 'settled') return
    const leftMs = this.#deadlineAtMs - this.#core.environment.nowMs()
    this.#deadline = startTimer(this.#core.environment, leftMs, () =>
      this.cancel(deadlineExceeded(this.#phase === 'open')),
    )
  }

  /** Settles it in a microtask, so that no caller is called back from inside its own call. */
  refuse(error: RpcError): void {
    this.#phase = 'refused'
    void Promise.resolve().then(() => this.settle(error, emptyBody))
  }

  grant(items: number): void {
    if (this.#phase === 'open' || this.#phase === 'waiting') this.#items?.grant(items, this.#phase === 'open')
  }

  cancel(error = cancelled(this.#phase === 'open')): void {
    if (this.#phase === 'open') {
      this.#core.writer.send({ kind: 'cancel', callId: this.id, ...codeAndText(error) }, 'own')
    }
    this.settle(error, emptyBody)
  }

  result(encoded: EnvelopeBody): void {
    const body = this.#read(encoded, 'the result')
    if (RpcError.is(body)) this.settle(body, emptyBody)
    else this.settle(undefined, body)
  }

  item(envelope: ItemEnvelope): void {
    if (this.#items === undefined) throw violation(`an item for call ${this.id}, which asked for none`)
    this.#items.take(envelope)
    const body = this.#read(envelope.body, 'an item')
    if (RpcError.is(body)) this.cancel(body)
    else this.#core.guard(() => this.#events.item(body))
  }

  end(): void {
    if (this.#items === undefined) throw violation(`an end for call ${this.id}, which asked for no items`)
    this.settle(undefined, emptyBody)
  }

  failure(envelope: FailureEnvelope): void {
    const body = this.#read(envelope.body, `the data of ${envelope.code}`)
    this.settle(RpcError.is(body) ? body : rpcErrorOf(envelope, body), emptyBody)
  }

  settle(error: RpcError | undefined, body: Body): void {
    if (this.#phase === 'settled') return
    this.#phase = 'settled'
    this.#input = noBody
    this.#deadline?.cancel()
    this.#settled(this)
    this.#core.guard(() => this.#events.settled(error, body))
    this.#core.callEnded()
  }

  /** The body, or why the call fails. */
  #read(encoded: EnvelopeBody, what: string): Body | RpcError {
    const max = this.#core.limits.bodyBytesMax
    if (encoded.bytes.length > max) {
      return new RpcError(
        'RESOURCE_EXHAUSTED',
        `${what} has ${encoded.bytes.length} bytes and this side takes ${max}: raise bodyBytesMax here`,
        { maybeExecuted: true },
      )
    }
    try {
      return decodeBody(encoded)
    } catch (cause) {
      return new RpcError('INTERNAL', `the peer sent ${what} that is not valid`, {
        cause,
        maybeExecuted: true,
      })
    }
  }
}

function rpcErrorOf(envelope: FailureEnvelope, body: Body): RpcError {
  const data = body.kind === 'value' ? body.value : body.kind === 'raw' ? body.bytes : undefined
  return new RpcError(envelope.code, envelope.text, {
    ...(data === undefined ? {} : { data }),
    maybeExecuted: envelope.maybeExecuted,
  })
}

function cancelled(maybeExecuted: boolean): RpcError {
  return new RpcError('CANCELLED', 'the caller cancelled the call', { maybeExecuted })
}

function deadlineExceeded(maybeExecuted: boolean): RpcError {
  return new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed', { maybeExecuted })
}

function checkNumbers({ deadlineMs, initialCredit }: OutgoingCallOptions): void {
  if (deadlineMs !== undefined && !Number.isFinite(deadlineMs)) {
    throw new RpcError(
      'INVALID_ARGUMENT',
      `deadlineMs is ${describeValue(deadlineMs)}, not a number of milliseconds: leave it out for a call without a deadline`,
    )
  }
  if (initialCredit !== undefined && (!Number.isSafeInteger(initialCredit) || initialCredit < 0)) {
    throw new RpcError('INVALID_ARGUMENT', `initialCredit is ${initialCredit}: it must be an integer from 0`)
  }
}
