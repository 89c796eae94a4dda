import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { parseBody } from '../contract/parse-with.ts'
import type { Body } from '../envelope/codec.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../may-have-run.ts'
import type { RpcError } from '../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents } from '../session/common/call-types.ts'
import { hasEndedWithSession } from '../session/common/ended-with-session.ts'
import { explainedFailure, failureOfCall } from './failure-of-call.ts'
import type { InterceptedCall } from './interceptor.ts'
import { type EarlierAttempts, nextAttempt } from './next-attempt.ts'
import { type CallServices, cancelled, outgoingOptions } from './outgoing-call.ts'
import { type Upload, uploadOf } from './upload.ts'

/**
 * Makes one call and settles with its validated output. Rejects with an RpcError only. It is made again by itself when its
 * session is replaced, where that is safe.
 *
 * @param before what is known of earlier attempts
 */
export async function callOnce(
  services: CallServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
  before?: EarlierAttempts,
): Promise<unknown> {
  const { session, signals } = services
  let made: OutgoingCall | undefined
  let upload: Upload | undefined
  let body: Body
  try {
    body = await new Promise<Body>((resolve, reject) => {
      const { signal } = call
      upload = before === undefined ? uploadOf(services, entry, call) : before.upload?.again()
      if (signal?.aborted) {
        reject(cancelled(signal))
        return
      }
      const events: OutgoingCallEvents = {
        item: () => undefined,
        settled(error, result) {
          // What the next attempt may send is kept until that is decided.
          if (error === undefined || !hasEndedWithSession(error)) upload?.end()
          if (error === undefined) resolve(result)
          else reject(error)
          // Last: it is foreign code, and what it throws must not keep the call open.
          if (signal !== undefined) signals.remove(signal, onAbort)
        },
      }
      const options = outgoingOptions(services, session, entry, call)
      made = session.call(
        options,
        upload === undefined ? events : { ...events, stopped: () => upload?.end() },
      )
      const onAbort = () => made?.cancel(cancelled(signal))
      if (signal !== undefined) signals.add(signal, onAbort)
      upload?.start(made, session)
    })
  } catch (caught) {
    const error = caught as RpcError
    const { again } = services
    const deadlineAtMs = made?.deadlineAtMs
    if (again !== undefined && hasEndedWithSession(error)) {
      const failed = { error, session, deadlineAtMs, upload, before }
      const next = await nextAttempt(again, services, entry, call, failed)
      if (next !== undefined) return await callOnce(services, entry, next.call, next)
    }
    upload?.end()
    const failure = before?.mayHaveRun === true ? asMayHaveRun(error, true, errorWithoutStack) : error
    throw await failureOfCall(services, entry, failure, deadlineAtMs)
  }
  services.again?.succeeded()
  const { procedure, fullName } = entry
  const read = parseBody(procedure.output, body, {
    what: `the output of ${fullName}`,
    code: 'INTERNAL',
    maybeExecuted: mayHaveRun.answerUnusable,
    procedure: fullName,
  })
  const parsed = 'then' in read ? await read : read
  if (parsed.ok) return parsed.value
  throw await explainedFailure(services, entry, parsed.error, made?.deadlineAtMs)
}
