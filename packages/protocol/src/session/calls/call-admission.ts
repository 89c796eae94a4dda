import { metadataOverLimit } from '../../envelope/envelope-parts.ts'
import type { CallEnvelope, OnewayEnvelope } from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import type { RpcError } from '../../rpc-error.ts'
import { Allowance } from '../common/allowance.ts'
import { SessionFault } from '../common/session-fault.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { exhausted } from './incoming-failures.ts'

/** The numbers of calls of the peer. */
export interface CallCounts {
  /** The number of calls that hold a slot. */
  readonly size: number
  /** Calls whose handlers are running although their callers do not wait for them. */
  readonly abandoned: number
}

/** Decides which calls of the peer are accepted, and limits how many are refused. */
export class CallAdmission {
  readonly #core: SessionCore
  /** Created when a call is refused, which most peers never cause. */
  #refusals: Allowance | undefined
  #refusalsUnread = 0

  constructor(core: SessionCore) {
    this.#core = core
  }

  /** Call before a call is refused. False if too many were: the session has ended then. */
  mayRefuse(): boolean {
    const { share, limits } = this.#core
    const { refusalsPerSecondMax: perSecond } = limits
    this.#refusals ??= new Allowance(this.#core.environment, { burst: perSecond, perSecond })
    if (!this.#refusals.take()) {
      const problem = `over ${limits.refusalsPerSecondMax} calls were refused in a second`
      this.#core.failed(new SessionFault('LIMIT_EXCEEDED', problem))
      return false
    }
    if (share === undefined || share.takeRefusal()) return true
    const problem = 'too many calls were refused on the connections that share a limit with this one'
    this.#core.failed(new SessionFault('LIMIT_EXCEEDED', problem))
    return false
  }

  /**
   * Returns the reason to refuse a call; undefined if it is accepted.
   *
   * @throws SessionFault for a peer that keeps calling without reading its answers
   */
  refusalOf(envelope: CallEnvelope, { size, abandoned }: CallCounts): RpcError | undefined {
    const { callsInFlightMax, callsAbandonedMax } = this.#core.limits
    const unread = this.#refusalOfUnread()
    if (unread !== undefined) return unread
    if (size >= callsInFlightMax) {
      return exhausted(`${callsInFlightMax} calls are already in flight on this connection`)
    }
    if (abandoned >= callsAbandonedMax) {
      return exhausted(`${callsAbandonedMax} cancelled handlers are still running`)
    }
    return this.refusalOfParts(envelope)
  }

  /** Returns the reason to refuse the parts of a call; undefined if they are accepted. */
  refusalOfParts({ body, metadata, deadlineMs }: CallEnvelope | OnewayEnvelope): RpcError | undefined {
    const { bodyBytesMax } = this.#core.limits
    if (body.bytes.length > bodyBytesMax) {
      return exhausted(`the input is over the ${bodyBytesMax} bytes that this side accepts`)
    }
    if (metadata === metadataOverLimit) return exhausted('the metadata exceed the limits of this side')
    if (deadlineMs === 0) return errorWithoutStack('DEADLINE_EXCEEDED', 'the call arrived with no time left')
    return undefined
  }

  /** A client, which never stops reading, refuses the calls of a server that does not read, up to a limit. */
  #refusalOfUnread(): RpcError | undefined {
    const { answerBytesQueuedMax, refusalsUnreadMax } = this.#core.limits
    if (this.#core.role === 'server' || !this.#core.writer.hasAnswersOver(answerBytesQueuedMax)) {
      this.#refusalsUnread = 0
      return undefined
    }
    this.#refusalsUnread += 1
    if (this.#refusalsUnread > refusalsUnreadMax) {
      throw new SessionFault('LIMIT_EXCEEDED', 'the peer keeps calling without reading its answers')
    }
    return exhausted(
      `over ${answerBytesQueuedMax} bytes of answers wait to be read: read them before calling again`,
    )
  }
}
