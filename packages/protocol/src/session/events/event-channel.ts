import type { SendVerdict } from '@frameport/framing'
import { decodeBody, encodeBody } from '../../envelope/codec.ts'
import { type EventEnvelope, noMetadata } from '../../envelope/envelope.ts'
import { SessionFault, violation } from '../common/session-fault.ts'
import type { SessionEvent } from '../common/session-types.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { unsendable } from '../flow/wire-errors.ts'

/** Events in both directions, each numbered from 1. */
export class EventChannel {
  readonly #core: SessionCore
  #sent = 0
  #received = 0

  constructor(core: SessionCore) {
    this.#core = core
  }

  /** @throws RpcError INVALID_ARGUMENT or RESOURCE_EXHAUSTED; the event was not sent then */
  emit({ event, topic, body }: SessionEvent): SendVerdict {
    try {
      const encoded = encodeBody(body)
      this.#core.writer.checkBody(encoded, 'the event')
      const verdict = this.#core.writer.send(
        { kind: 'event', sequence: this.#sent + 1, event, topic, metadata: noMetadata, body: encoded },
        'own',
      )
      this.#sent += 1
      return verdict
    } catch (error) {
      throw unsendable(error, 'INVALID_ARGUMENT')
    }
  }

  /** No call can fail for a bad event, and none may be lost unseen: it ends the session. */
  receive(envelope: EventEnvelope): void {
    if (envelope.sequence !== this.#received + 1) {
      throw violation(`event ${envelope.sequence} came instead of ${this.#received + 1}`)
    }
    this.#received += 1
    const { bodyBytesMax } = this.#core.limits
    if (envelope.body.bytes.length > bodyBytesMax) {
      throw new SessionFault(
        'LIMIT_EXCEEDED',
        `an event has ${envelope.body.bytes.length} bytes and this side takes ${bodyBytesMax}`,
      )
    }
    const body = decodeBody(envelope.body)
    this.#core.guard(() => this.#core.handlers.event({ event: envelope.event, topic: envelope.topic, body }))
  }
}
