import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { compareFingerprints } from '../contract/fingerprint.ts'
import { kindTexts } from '../contract/kind-of-call.ts'
import type { CallKind } from '../envelope/call-kind.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { HandlerBinding } from './handler-types.ts'

/** A procedure with its handler. */
export interface Route {
  /** The procedure. */
  readonly entry: ProcedureEntry
  /** The handler with its middlewares. */
  readonly binding: HandlerBinding
}

/** The side that was called, for texts. */
export type CalledSide = 'server' | 'client'

/**
 * Checks that a call can be served as it was made.
 *
 * @param strict whether a call with another fingerprint of its procedure is refused
 * @throws RpcError UNIMPLEMENTED for another kind of call, FAILED_PRECONDITION for another fingerprint. The text
 * describes the difference
 */
export function checkRoute({ entry }: Route, call: IncomingCall, here: CalledSide, strict: boolean): void {
  if (strict && call.fingerprint !== undefined && call.fingerprint !== entry.fingerprint)
    throw incompatible(entry, call.fingerprint, here)
  if (call.kind !== entry.callKind) throw calledOtherwise(entry.fullName, entry.callKind, call.kind, here)
}

/** Returns the failure of a call whose kind is not the one that the procedure declares. */
export function calledOtherwise(
  fullName: string,
  own: CallKind,
  called: CallKind,
  here: CalledSide,
): RpcError {
  const text = `${fullName} ${kindTexts[own]} on this ${here}, but was called as ${called}.`
  return errorWithoutStack('UNIMPLEMENTED', text)
}

function incompatible(entry: ProcedureEntry, theirs: string, here: CalledSide): RpcError {
  const parts = compareFingerprints(entry.fingerprint, theirs)
  const own = entry.fingerprint
  return errorWithoutStack(
    'FAILED_PRECONDITION',
    `${entry.fullName} differs between client and server in: ${parts.join(', ')}. ` +
      'Client and server were built from different versions of the contract: update the older one.',
    {
      data:
        here === 'server'
          ? { server: own, client: theirs, differs: parts }
          : { server: theirs, client: own, differs: parts },
    },
  )
}
