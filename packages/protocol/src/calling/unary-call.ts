import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { noValue, type Parsed, type ParseOptions, readBody, whyNoValue } from '../contract/parse-with.ts'
import type { Body } from '../envelope/codec.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../may-have-run.ts'
import type { RpcError } from '../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents, OutgoingCallOptions } from '../session/common/call-types.ts'
import { hasEndedWithSession } from '../session/common/ended-with-session.ts'
import type { Session } from '../session/common/session-types.ts'
import { deadlineToSend, inputBody } from './call-request.ts'
import type { CallServices } from './call-services.ts'
import { cancelled, throwIfAborted, unheardSignal } from './call-signal.ts'
import { checkCall } from './check-call.ts'
import { explainedFailure, failureOfCall } from './failure-of-call.ts'
import type { InterceptedCall } from './interceptor.ts'
import { madeAgain } from './made-again.ts'
import { type EarlierAttempts, type FailedCall, nextAttempt } from './next-attempt.ts'
import { type Upload, uploadOf } from './upload.ts'

/** The state that calls of one procedure with at most one answer share. */
export interface UnaryCalls {
  readonly services: CallServices
  readonly entry: ProcedureEntry
  /** How the output is parsed. Created once, because it would be a significant part of the cost of a small call. */
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

/** One attempt of a call: its options and its events for the session, in one object without closures. */
class Attempt implements OutgoingCallOptions, OutgoingCallEvents {
  readonly input: Body
  readonly metadata: Metadata
  readonly deadlineMs: number | undefined
  readonly #calls: UnaryCalls
  readonly #call: InterceptedCall
  readonly #upload: Upload | undefined
  readonly #before: EarlierAttempts | undefined
  readonly #session: Session
  #made: OutgoingCall | undefined
  /** Undefined once the outcome is known. */
  #resolve: Resolve | undefined
  #onAbort: (() => void) | undefined

  /** @throws RpcError INVALID_ARGUMENT for options that no call has, or an input that cannot be sent */
  constructor(
    calls: UnaryCalls,
    call: InterceptedCall,
    upload: Upload | undefined,
    before: EarlierAttempts | undefined,
  ) {
    checkCall(call)
    const { deadlineMs, metadata } = call
    this.input = inputBody(calls.entry, call.input)
    this.metadata = metadata
    this.deadlineMs = deadlineToSend(deadlineMs)
    this.#calls = calls
    this.#call = call
    this.#upload = upload
    this.#before = before
    this.#session = calls.services.session
  }

  get procedure(): string {
    return this.#calls.entry.wireName
  }

  get upload(): boolean {
    return this.#calls.entry.procedure.upload !== undefined
  }

  get isOneway(): boolean {
    return this.#calls.entry.procedure.oneWay
  }

  fingerprint(): string | undefined {
    const { services, entry } = this.#calls
    return services.fingerprintToSend(entry, this.#session)
  }

  /** @throws RpcError for a call that cannot be made */
  make(): Promise<unknown> {
    const { signal } = this.#call
    const outcome = new Promise<unknown>(lend)
    this.#resolve = lent
    this.#made = this.#session.call(this, this)
    this.#upload?.start(this.#made, this.#session)
    if (signal !== undefined) this.#listen(signal, this.#made)
    return outcome
  }

  item(): void {}

  stopped(): void {
    this.#upload?.end()
  }

  settled(error: RpcError | undefined, result: Body): void {
    // Data for the next attempt is kept until that is decided.
    if (error === undefined || !hasEndedWithSession(error)) this.#upload?.end()
    if (error === undefined) this.#answered(result)
    else this.#failed(error)
    // Last, because it is user code, and its error must not keep the call open.
    const { signal } = this.#call
    if (signal !== undefined && this.#onAbort !== undefined)
      this.#calls.services.signals.remove(signal, this.#onAbort)
  }

  /** In a separate function, because the closure would create a context for every call. */
  #listen(signal: AbortSignal, made: OutgoingCall): void {
    this.#onAbort = () => made.cancel(cancelled(signal))
    try {
      this.#calls.services.signals.add(signal, this.#onAbort)
    } catch (cause) {
      made.cancel(unheardSignal(cause))
    }
  }

  /** The output is parsed here and not after an `await`: a call has only the promise of its caller. */
  #answered(result: Body): void {
    const resolve = this.#takeResolve()
    if (resolve === undefined) return
    const { services, entry, asOutput } = this.#calls
    services.again?.succeeded()
    const output = readBody(entry.procedure.output, result, asOutput)
    if (output !== noValue) resolve(output)
    else resolve(outputOf(this.#calls, whyNoValue(), this.#made?.deadlineAtMs))
  }

  #failed(error: RpcError): void {
    const session = this.#session
    const deadlineAtMs = this.#made?.deadlineAtMs
    this.#takeResolve()?.(
      failed(this.#calls, this.#call, {
        error,
        session,
        deadlineAtMs,
        upload: this.#upload,
        before: this.#before,
      }),
    )
  }

  #takeResolve(): Resolve | undefined {
    const resolve = this.#resolve
    this.#resolve = undefined
    return resolve
  }
}

type Resolve = (outcome: unknown) => void

/** The resolve function of the last promise: an executor for each call would cost a closure and its context. */
let lent: Resolve | undefined
function lend(resolve: Resolve): void {
  lent = resolve
}

/** Parses an output whose schema is asynchronous, or which does not match. */
async function outputOf(
  { services, entry }: UnaryCalls,
  read: Parsed<unknown>,
  deadlineAtMs: number | undefined,
): Promise<unknown> {
  // Waits until the promise of the caller follows this one.
  await undefined
  const parsed = await read
  if (parsed.ok) return parsed.value
  throw await explainedFailure(services, entry, madeAgain(parsed.error), deadlineAtMs)
}

/** Repeats a failed call if that is safe, or throws the failure for its caller. */
async function failed(calls: UnaryCalls, call: InterceptedCall, outcome: FailedCall): Promise<unknown> {
  // Waits until the promise of the caller follows this one: otherwise its line would not be in the stack.
  await undefined
  const { services, entry } = calls
  const { again } = services
  const { error, deadlineAtMs, upload, before } = outcome
  if (again !== undefined && hasEndedWithSession(error)) {
    const next = await nextAttempt(again, services, entry, call, outcome)
    if (next !== undefined) return await callOnce(calls, next.call, next)
  }
  upload?.end()
  const failure = before?.mayHaveRun === true ? asMayHaveRun(error, true, errorWithoutStack) : error
  throw await failureOfCall(services, entry, failure, deadlineAtMs)
}

/**
 * Makes one call and settles with its validated output. Only rejects with an RpcError, and never throws. If its session
 * is replaced, it repeats the call where that is safe.
 *
 * @param before the state of earlier attempts
 */
export function callOnce(
  calls: UnaryCalls,
  call: InterceptedCall,
  before?: EarlierAttempts,
): Promise<unknown> {
  const { services, entry } = calls
  const { session } = services
  const { signal } = call
  let upload: Upload | undefined
  try {
    upload = before === undefined ? uploadOf(services, entry, call) : before.upload?.again()
    throwIfAborted(signal)
    return new Attempt(calls, call, upload, before).make()
  } catch (error) {
    return failed(calls, call, { error: error as RpcError, session, deadlineAtMs: undefined, upload, before })
  }
}
