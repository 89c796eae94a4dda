import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { type ParseOptions, parseBody } from '../contract/parse-with.ts'
import type { Body } from '../envelope/codec.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../may-have-run.ts'
import type { RpcError } from '../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../session/common/call-types.ts'
import { hasEndedWithSession } from '../session/common/ended-with-session.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallsOfSignals } from './calls-of-signals.ts'
import { explainedFailure, failureOfCall } from './failure-of-call.ts'
import type { InterceptedCall } from './interceptor.ts'
import { type EarlierAttempts, nextAttempt } from './next-attempt.ts'
import { CallRequest, type CallServices, cancelled } from './outgoing-call.ts'
import { type Upload, uploadOf } from './upload.ts'

/** What the calls of one procedure share that has one answer, or none. */
export interface UnaryCalls {
  readonly services: CallServices
  readonly entry: ProcedureEntry
  /** How the output is read: made once, since it would be a good part of what a small call costs. */
  readonly asOutput: ParseOptions
}

export function unaryCalls(services: CallServices, entry: ProcedureEntry): UnaryCalls {
  const { fullName } = entry
  const asOutput: ParseOptions = {
    what: `the output of ${fullName}`,
    code: 'INTERNAL',
    maybeExecuted: mayHaveRun.answerUnusable,
    procedure: fullName,
  }
  return { services, entry, asOutput }
}

/** One attempt of a call, as its session tells of it. One object, whose members are no closures of the call. */
class Attempt implements OutgoingCallEvents {
  made: OutgoingCall | undefined
  readonly #signals: CallsOfSignals
  readonly #signal: AbortSignal | undefined
  readonly #upload: Upload | undefined
  #resolve: ((body: Body) => void) | undefined
  #reject: ((error: RpcError) => void) | undefined
  #onAbort: (() => void) | undefined

  constructor(signals: CallsOfSignals, signal: AbortSignal | undefined, upload: Upload | undefined) {
    this.#signals = signals
    this.#signal = signal
    this.#upload = upload
  }

  /** @throws RpcError for a call that cannot be made */
  make(session: Session, options: OutgoingCallOptions): Promise<Body> {
    const answer = new Promise<Body>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const made = session.call(options, this)
    this.made = made
    try {
      if (this.#signal !== undefined) this.#listen(this.#signal)
      this.#upload?.start(made, session)
    } catch (error) {
      // A foreign signal may throw. What the call settles with later is nobody's then.
      this.#reject?.(error as RpcError)
    }
    return answer
  }

  /** In a function of its own: the closure would cost every call its context. */
  #listen(signal: AbortSignal): void {
    this.#onAbort = () => this.made?.cancel(cancelled(signal))
    this.#signals.add(signal, this.#onAbort)
  }

  item(): void {}

  stopped(): void {
    this.#upload?.end()
  }

  settled(error: RpcError | undefined, result: Body): void {
    // What the next attempt may send is kept until that is decided.
    if (error === undefined || !hasEndedWithSession(error)) this.#upload?.end()
    if (error === undefined) this.#resolve?.(result)
    else this.#reject?.(error)
    // Last: it is foreign code, and what it throws must not keep the call open.
    if (this.#signal !== undefined && this.#onAbort !== undefined)
      this.#signals.remove(this.#signal, this.#onAbort)
  }
}

/**
 * Makes one call and settles with its validated output. Rejects with an RpcError only. It is made again by itself when its
 * session is replaced, where that is safe.
 *
 * @param before what is known of earlier attempts
 */
export async function callOnce(
  calls: UnaryCalls,
  call: InterceptedCall,
  before?: EarlierAttempts,
): Promise<unknown> {
  const { services, entry } = calls
  const { session, signals } = services
  const { signal } = call
  let attempt: Attempt | undefined
  let upload: Upload | undefined
  let body: Body
  try {
    upload = before === undefined ? uploadOf(services, entry, call) : before.upload?.again()
    if (signal?.aborted) throw cancelled(signal)
    attempt = new Attempt(signals, signal, upload)
    body = await attempt.make(session, new CallRequest(services, session, entry, call))
  } catch (caught) {
    const error = caught as RpcError
    const { again } = services
    const deadlineAtMs = attempt?.made?.deadlineAtMs
    if (again !== undefined && hasEndedWithSession(error)) {
      const failed = { error, session, deadlineAtMs, upload, before }
      const next = await nextAttempt(again, services, entry, call, failed)
      if (next !== undefined) return await callOnce(calls, next.call, next)
    }
    upload?.end()
    const failure = before?.mayHaveRun === true ? asMayHaveRun(error, true, errorWithoutStack) : error
    throw await failureOfCall(services, entry, failure, deadlineAtMs)
  }
  services.again?.succeeded()
  const read = parseBody(entry.procedure.output, body, calls.asOutput)
  const parsed = 'then' in read ? await read : read
  if (parsed.ok) return parsed.value
  throw await explainedFailure(services, entry, parsed.error, attempt.made?.deadlineAtMs)
}
