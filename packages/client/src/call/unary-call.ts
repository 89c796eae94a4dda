import type { RpcError } from '@frameport/protocol'
import { mayHaveRun, type ProcedureEntry, parseBody, parseFailure } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { InterceptedCall } from '../interceptor.ts'
import { type CallServices, cancelled, outgoingOptions } from './outgoing-call.ts'

/** Makes one call and settles with its validated output. Rejects with an RpcError only. */
export async function callOnce(
  services: CallServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
): Promise<unknown> {
  const { session, explain } = services
  const body = await new Promise<Body>((resolve, reject) => {
    const { signal } = call
    if (signal?.aborted) {
      reject(cancelled(signal))
      return
    }
    const outgoing = session.call(outgoingOptions(services, entry, call), {
      item: () => undefined,
      settled(error, result) {
        signal?.removeEventListener('abort', onAbort)
        if (error === undefined) resolve(result)
        else reject(error)
      },
    })
    const onAbort = () => outgoing.cancel(cancelled(signal))
    signal?.addEventListener('abort', onAbort, { once: true })
  }).catch(async (error: RpcError) => {
    throw await parseFailure(entry.procedure, entry.fullName, explain(error))
  })
  const parsed = await parseBody(entry.procedure.output, body, {
    what: `the output of ${entry.fullName}`,
    code: 'INTERNAL',
    maybeExecuted: mayHaveRun.answerUnusable,
  })
  if (parsed.ok) return parsed.value
  throw parsed.error
}
