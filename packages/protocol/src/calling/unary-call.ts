import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { parseBody } from '../contract/parse-with.ts'
import type { Body } from '../envelope/codec.ts'
import { mayHaveRun } from '../may-have-run.ts'
import type { RpcError } from '../rpc-error.ts'
import type { OutgoingCall, OutgoingCallEvents } from '../session/common/call-types.ts'
import { explainedFailure, failureOfCall } from './failure-of-call.ts'
import type { InterceptedCall } from './interceptor.ts'
import { type CallServices, cancelled, outgoingOptions } from './outgoing-call.ts'
import { type Upload, uploadOf } from './upload.ts'

/** Makes one call and settles with its validated output. Rejects with an RpcError only. */
export async function callOnce(
  services: CallServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
): Promise<unknown> {
  const { session, signals } = services
  let made: OutgoingCall | undefined
  let upload: Upload | undefined
  let body: Body
  try {
    body = await new Promise<Body>((resolve, reject) => {
      const { signal } = call
      upload = uploadOf(services, entry, call)
      if (signal?.aborted) {
        reject(cancelled(signal))
        return
      }
      const events: OutgoingCallEvents = {
        item: () => undefined,
        settled(error, result) {
          upload?.end()
          if (error === undefined) resolve(result)
          else reject(error)
          // Last: it is foreign code, and what it throws must not keep the call open.
          if (signal !== undefined) signals.remove(signal, onAbort)
        },
      }
      const options = outgoingOptions(services, entry, call)
      made = session.call(
        options,
        upload === undefined ? events : { ...events, stopped: () => upload?.end() },
      )
      const onAbort = () => made?.cancel(cancelled(signal))
      if (signal !== undefined) signals.add(signal, onAbort)
      upload?.start(made)
    })
  } catch (error) {
    upload?.end()
    throw await failureOfCall(services, entry, error as RpcError, made?.deadlineAtMs)
  }
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
