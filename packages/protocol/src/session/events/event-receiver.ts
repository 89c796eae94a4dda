import { textOfThrown } from '../../checks/thrown.ts'
import { type Body, decodeBody } from '../../envelope/codec.ts'
import { metadataOverLimit } from '../../envelope/envelope-parts.ts'
import { ownPosition } from '../../envelope/log-position.ts'
import { peerText } from '../../envelope/peer-text.ts'
import type { EventEnvelope, GapEnvelope } from '../../envelope/session-envelopes.ts'
import type { SessionCore } from '../flow/session-core.ts'

/** Handles the events of the peer. */
export class EventReceiver {
  readonly #core: SessionCore

  constructor(core: SessionCore) {
    this.#core = core
  }

  /** No call can fail for a bad event: it is dropped, and that is reported. */
  receive(envelope: EventEnvelope): void {
    const { event, topic, position } = envelope
    if (!this.#isWanted(event, topic)) return
    const body = this.#read(envelope)
    const core = this.#core
    const { handlers } = core
    if (typeof body === 'string')
      core.guard(() =>
        handlers.eventDropped?.({ event: peerText(event), topic: peerText(topic), problem: body }),
      )
    else {
      const received =
        position === undefined
          ? { event, topic, body }
          : { event, topic, body, position: ownPosition(position) }
      core.guard(() => handlers.event(received, envelope.body.bytes.length))
    }
  }

  /** An event without a listener is not decoded. */
  #isWanted(event: string, topic: string): boolean {
    const core = this.#core
    const { handlers } = core
    let wanted = true
    if (handlers.wantsEvent !== undefined) {
      core.guard(() => {
        const answer: unknown = handlers.wantsEvent?.(event, topic)
        wanted = answer !== false
        // A promise is an invalid answer, but its rejection is reported. A boolean costs no closure.
        return typeof answer === 'boolean' ? undefined : answer
      })
    }
    return wanted
  }

  gap({ event, topic, events, position: given }: GapEnvelope): void {
    const core = this.#core
    const { handlers } = core
    const position = given === undefined ? undefined : ownPosition(given)
    core.guard(() => handlers.eventGap?.({ event, topic, events, position }))
  }

  /** Returns the body, or the reason why there is none. */
  #read({ body, metadata }: EventEnvelope): Body | string {
    const { bodyBytesMax } = this.#core.limits
    if (metadata === metadataOverLimit) return 'its metadata exceed the limits of this side'
    if (body.bytes.length > bodyBytesMax)
      return `it has ${body.bytes.length} bytes, and this side accepts ${bodyBytesMax}`
    try {
      return decodeBody(body)
    } catch (error) {
      return textOfThrown(error)
    }
  }
}
