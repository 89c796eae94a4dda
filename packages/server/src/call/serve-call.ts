import type { RpcError } from '@frameport/protocol'
import { describeProcedure, handledCalls, hasItems, hasUpload, toBody } from '@frameport/protocol/contract'
import type { IncomingCall, SessionEnvironment } from '@frameport/protocol/session'
import type { Route, Router } from '../handlers/router.ts'
import { runHandler } from '../handlers/run-handler.ts'
import type { UploadWindows } from '../limits.ts'
import { checkedOutput, outputOf } from '../outputs/checked-output.ts'
import type { Server } from '../server-types.ts'
import { describeContract } from './describe-contract.ts'
import { failCall, unsent } from './fail-call.ts'
import type { HandlerCount } from './handler-count.ts'
import { type PumpOutcome, pumpItems } from './pump-items.ts'
import { type CallSource, factsOf, ServedCall } from './served-call.ts'
import { UploadItems } from './upload-items.ts'

const completed: PumpOutcome = { kind: 'completed' }

/** What serving a call needs of the server. */
export interface CallServices {
  readonly router: Router
  readonly handlers: HandlerCount
  readonly environment: SessionEnvironment
  readonly validateOutputs: boolean
  readonly uploads: UploadWindows
  /** Given to each handler. */
  readonly publish: Server['publish']
  readonly connections: Server['connections']
}

/** Finds the handler, runs it, and answers. Never rejects. */
export async function serveCall(
  services: CallServices,
  call: IncomingCall,
  source: CallSource,
): Promise<void> {
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
      share.log.warn({ ...factsOf(call, source), err: error }, 'a call without an answer was not run')
    call.refuse(error as RpcError)
    return
  }
  const upload = hasUpload(call.kind) ? new UploadItems(call, route.entry, services.uploads) : undefined
  const served = new ServedCall(call, source, upload)
  let left: Promise<void> | undefined
  try {
    const outcome = await answer(services, served, route)
    if (outcome.kind === 'completed') return
    if (outcome.kind === 'left') left = outcome.left
    // The peer of an aborted call has its answer. Telling the session frees the call's place among the abandoned of
    // this connection: not before its producer has stopped, or cancelling would pile up producers without a limit.
    if (outcome.kind === 'left' && call.signal.aborted)
      void outcome.left.then(() => failCall(services, served, route, outcome.error))
    else failCall(services, served, route, outcome.error)
  } catch (error) {
    failCall(services, served, route, error)
  } finally {
    // Who reads on behind the answer comes to the end.
    served.upload?.stop()
    services.handlers.leave()
    if (left === undefined) share.leaveHandler()
    else void left.then(() => share.leaveHandler())
  }
}

function answerDescribe({ router }: CallServices, call: IncomingCall): void {
  try {
    call.respond(describeContract(router.contracts, call.input))
  } catch (error) {
    call.refuse(error as RpcError)
  }
}

/** Runs the handler and answers with what it gives. @throws what the handler throws before its first item */
async function answer(services: CallServices, served: ServedCall, route: Route): Promise<PumpOutcome> {
  const { entry, binding } = route
  const { call } = served
  const { connection, context, share } = served.source
  const { publish, connections } = services
  const { deadlineAtMs, metadata, signal } = call
  const remainingMs = () =>
    deadlineAtMs === undefined ? undefined : Math.max(0, deadlineAtMs - services.environment.nowMs())
  const facts = { context, signal, connection, publish, connections, deadlineAtMs, remainingMs, metadata }
  const handled = deadlineAtMs === undefined ? undefined : handledCalls()
  const output = await (handled === undefined
    ? runHandler(binding, facts, call.input, served)
    : handled.run(
        { procedure: entry.fullName, leftMs: () => deadlineAtMs! - services.environment.nowMs() },
        () => runHandler(binding, facts, call.input, served),
      ))
  if (hasItems(entry.callKind)) {
    const onReturnFailed = (err: unknown) =>
      share.log.debug({ ...served.facts, err }, 'a producer failed while it was being left')
    const outcome = await pumpItems(call, entry, output as AsyncIterable<unknown>, {
      validate: services.validateOutputs,
      onReturnFailed,
      onItem: served.onItem,
    })
    if (outcome.kind === 'completed') {
      call.end()
      served.onCompleted?.()
    }
    return outcome
  }
  const { output: schema } = entry.procedure
  let sent = output
  if (services.validateOutputs && schema !== undefined) {
    const checked = checkedOutput(schema, output, binding.output)
    // Without waiting where nothing is to be waited for: it would cost every call a turn of the microtasks.
    sent = outputOf('then' in checked ? await checked : checked)
  }
  call.respond(toBody(schema, sent), (error) => unsent(served, route, error), served.onCompleted)
  return completed
}
