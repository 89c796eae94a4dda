import type { RpcError } from '@frameport/protocol'
import { mayHaveRun, type ProcedureEntry, parseBody } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { InterceptedCall } from '../interceptor.ts'
import { checkedFailure, failureOfCall } from './failure-of-call.ts'
import { type CallServices, cancelled, outgoingOptions } from './outgoing-call.ts'

/** Makes one call and settles with its validated output. Rejects with an RpcError only. */
export async function callOnce(
  services: CallServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
): Promise<unknown> {
  let body: Body
  try {
    body = await settledBody(services, entry, call)
  } catch (error) {
    throw await failureOfCall(services, entry, error as RpcError)
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
  throw checkedFailure(procedure, parsed.error)
}

/** What the session settles the call with. */
function settledBody(services: CallServices, entry: ProcedureEntry, call: InterceptedCall): Promise<Body> {
  const { session, signals } = services
  return new Promise((resolve, reject) => {
    const { signal } = call
    if (signal?.aborted) {
      reject(cancelled(signal))
      return
    }
    const outgoing = session.call(outgoingOptions(services, entry, call), {
      item: () => undefined,
      settled(error, result) {
        if (signal !== undefined) signals.remove(signal, onAbort)
        if (error === undefined) resolve(result)
        else reject(error)
      },
    })
    const onAbort = () => outgoing.cancel(cancelled(signal))
    if (signal !== undefined) signals.add(signal, onAbort)
  })
}
