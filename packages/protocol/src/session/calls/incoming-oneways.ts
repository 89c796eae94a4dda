import { RareSet } from '@frameport/framing/checks'
import { textOfThrown } from '../../checks/thrown.ts'
import { type Body, decodeBody } from '../../envelope/codec.ts'
import { peerText } from '../../envelope/peer-text.ts'
import type { OnewayEnvelope } from '../../envelope/session-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import { callSize } from '../flow/decoded-size.ts'
import type { SessionCore } from '../flow/session-core.ts'
import type { CallAdmission } from './call-admission.ts'
import { IncomingOneway, type OnewayTable } from './incoming-oneway.ts'

/**
 * The calls of the peer without an answer. A call that cannot be run is dropped, counted and reported, because there is
 * no failure for it.
 */
export class IncomingOneways implements OnewayTable {
  readonly #core: SessionCore
  readonly #admission: CallAdmission
  readonly #running = new RareSet<IncomingOneway>()
  #dropped = 0
  #isOver = false

  constructor(core: SessionCore, admission: CallAdmission) {
    this.#core = core
    this.#admission = admission
  }

  /** The number of running calls. */
  get size(): number {
    return this.#running.size
  }

  /** The number of dropped calls, including those that the layer above refused as unknown. */
  get dropped(): number {
    return this.#dropped
  }

  receive(envelope: OnewayEnvelope): void {
    const heldBytes = callSize(envelope)
    const problem = this.#problemOf(envelope, heldBytes)
    const input = problem ?? read(envelope)
    if (typeof input === 'string') {
      this.#drop(envelope, input)
      return
    }
    const call = new IncomingOneway(this.#core, envelope, { input, heldBytes }, this)
    this.#running.add(call)
    this.#core.memory.addInput(heldBytes)
    this.#core.turn.countCall()
    this.#core.guard(runHandler, handlerBroke, call)
  }

  /** This side accepts no further call. */
  goawaySent(): void {
    this.#isOver = true
  }

  /** Aborts the handlers, one with each step. */
  *abortAll(reason: () => RpcError): Generator<void> {
    this.#isOver = true
    for (const call of this.#running) {
      call.abort(reason())
      yield
    }
  }

  #problemOf(envelope: OnewayEnvelope, heldBytes: number): string | undefined {
    const { onewaysInFlightMax } = this.#core.limits
    if (this.#isOver) return 'this side is closing'
    if (this.#running.size >= onewaysInFlightMax)
      return `${onewaysInFlightMax} of them are running: raise onewaysInFlightMax, or use a call with an answer`
    const refusal = this.#admission.refusalOfParts(envelope) ?? this.#core.memory.refusalOf(heldBytes)
    return refusal?.message
  }

  #drop(envelope: OnewayEnvelope, problem: string): void {
    this.#dropped += 1
    const procedure = peerText(envelope.procedure)
    this.#core.guard(() => this.#core.handlers.onewayDropped?.({ procedure, problem }))
  }

  handlerStopped(call: IncomingOneway, wasRefused: boolean): void {
    if (!this.#running.delete(call)) return
    if (wasRefused) this.#dropped += 1
    this.#core.memory.addInput(-call.heldBytes)
    this.#core.callEnded()
  }
}

function runHandler(call: IncomingOneway): unknown {
  return call.run()
}

function handlerBroke(call: IncomingOneway): void {
  call.end()
}

/** Returns the input, or a text about what is wrong with it. */
function read({ body }: OnewayEnvelope): Body | string {
  try {
    return decodeBody(body)
  } catch (error) {
    return `the input: ${textOfThrown(error)}`
  }
}
