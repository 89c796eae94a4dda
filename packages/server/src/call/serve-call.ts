import type { RpcError } from '@frameport/protocol'
import { describeProcedure } from '@frameport/protocol/contract'
import { answerCall, calledOtherwise, type Route, type ServingOptions } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import type { ServerDiagnostics } from '../diagnostics-types.ts'
import type { Router } from '../handlers/router.ts'
import type { CallSource } from './call-source.ts'
import { describeContract } from './describe-contract.ts'
import type { HandlerCount } from './handler-count.ts'

/** The parts of the server that serving a call needs. */
export interface CallServices extends ServingOptions {
  readonly router: Router
  readonly handlers: HandlerCount
  readonly diagnostics: ServerDiagnostics | undefined
}

/** Finds the handler, runs it, and answers. Never throws. */
export function serveCall(services: CallServices, call: IncomingCall, source: CallSource): void {
  if (call.procedure === describeProcedure) {
    answerDescribe(services, call)
    return
  }
  const { share } = source
  let route: Route
  try {
    route = services.router.find(call)
    services.handlers.enter(share)
  } catch (error) {
    if (call.kind === 'one-way')
      share.log.warn({ ...source.factsOf(call), err: error }, 'a call without an answer was not run')
    services.handlers.totals.callsRefused += 1
    services.diagnostics?.refused(call, source.connection, error as RpcError)
    call.refuse(error as RpcError)
    return
  }
  services.handlers.totals.callsBegun += 1
  void answerCall(services, call, source, route)
}

function answerDescribe({ router }: CallServices, call: IncomingCall): void {
  try {
    if (call.kind !== 'unary') throw calledOtherwise(describeProcedure, 'unary', call.kind, 'server')
    call.respond(describeContract(router.contracts, call.input))
  } catch (error) {
    call.refuse(error as RpcError)
  }
}
