import { RpcError } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import { type ProcedureEntry, parseBody, parseFailure, toBody } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { OutgoingCallOptions, Session } from '@frameport/protocol/session'
import type { InterceptedCall } from '../interceptor.ts'
import { checkCall } from './check-call.ts'

/** What calls need of the client. */
export interface CallServices {
  readonly session: Session
  readonly streamWindowItems: number
  /** Puts the reason in place of a bare UNAVAILABLE when the client never got a connection. */
  explain(error: RpcError): RpcError
}

/** Makes one call and settles with its validated output. Rejects with an RpcError only. */
export async function callOnce(
  { session, explain }: CallServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
): Promise<unknown> {
  const body = await new Promise<Body>((resolve, reject) => {
    const { signal } = call
    if (signal?.aborted) {
      reject(cancelled(signal))
      return
    }
    const outgoing = session.call(outgoingOptions(entry, call), {
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
  })
  if (parsed.ok) return parsed.value
  throw parsed.error
}

/** @throws RpcError INVALID_ARGUMENT for options that no call has, or an input that cannot be sent */
export function outgoingOptions(entry: ProcedureEntry, call: InterceptedCall): OutgoingCallOptions {
  checkCall(call)
  const { deadlineMs, metadata } = call
  return {
    procedure: entry.fullName,
    input: inputBody(entry, call.input),
    metadata,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

function inputBody(entry: ProcedureEntry, input: unknown): Body {
  try {
    return toBody(entry.procedure.input, input)
  } catch (cause) {
    const why = textOfThrown(cause)
    throw new RpcError('INVALID_ARGUMENT', `the input of ${entry.fullName} cannot be sent: ${why}`, { cause })
  }
}

/** The failure of a call whose signal was aborted; the signal's reason is kept as the cause. */
export function cancelled(signal: AbortSignal | undefined): RpcError {
  return new RpcError('CANCELLED', 'the call was cancelled by its signal', { cause: signal?.reason })
}
