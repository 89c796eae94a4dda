import { textOfThrown } from '../checks/thrown.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { toBody } from '../contract/to-body.ts'
import type { Body } from '../envelope/codec.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import type { OutgoingCallOptions } from '../session/common/call-types.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallServices } from './call-services.ts'
import { checkCall } from './check-call.ts'
import type { InterceptedCall } from './interceptor.ts'

/** The options of a stream call for its session. All have the same shape and no closures. */
export class CallRequest implements OutgoingCallOptions {
  readonly procedure: string
  readonly input: Body
  readonly metadata: Metadata
  readonly upload: boolean
  readonly isOneway: boolean
  readonly deadlineMs: number | undefined
  readonly initialCredit: Credit | undefined
  readonly started: (() => void) | undefined
  readonly #services: CallServices
  readonly #session: Session
  readonly #entry: ProcedureEntry

  /**
   * @param session on which the call is made
   * @param initialCredit for a stream
   * @param started the same as in the session's options
   * @throws RpcError INVALID_ARGUMENT for impossible options, or an input that cannot be sent
   */
  constructor(
    services: CallServices,
    session: Session,
    entry: ProcedureEntry,
    call: InterceptedCall,
    initialCredit?: Credit,
    started?: () => void,
  ) {
    checkCall(call)
    const { deadlineMs, metadata } = call
    this.procedure = entry.wireName
    this.input = inputBody(entry, call.input)
    this.metadata = metadata
    this.upload = entry.procedure.upload !== undefined
    this.isOneway = entry.procedure.oneWay
    this.deadlineMs = deadlineToSend(deadlineMs)
    this.initialCredit = initialCredit
    this.started = started
    this.#services = services
    this.#session = session
    this.#entry = entry
  }

  fingerprint(): string | undefined {
    return this.#services.fingerprintToSend(this.#entry, this.#session)
  }
}

/** Infinity means no deadline. */
export function deadlineToSend(deadlineMs: number | undefined): number | undefined {
  return deadlineMs === Number.POSITIVE_INFINITY ? undefined : deadlineMs
}

/** @throws RpcError INVALID_ARGUMENT for an input that cannot be sent */
export function inputBody(entry: ProcedureEntry, input: unknown): Body {
  try {
    return toBody(entry.procedure.input, input)
  } catch (cause) {
    const why = textOfThrown(cause)
    throw errorWithoutStack('INVALID_ARGUMENT', `the input of ${entry.fullName} cannot be sent: ${why}`, {
      cause,
    })
  }
}
