import type { RpcError } from '@frameport/protocol'
import { parseWith, toBody } from '@frameport/protocol/contract'
import type { IncomingCall, SessionEnvironment } from '@frameport/protocol/session'
import { currentContext } from '../async-context.ts'
import type { Route, Router } from '../handlers/router.ts'
import { runHandler } from '../handlers/run-handler.ts'
import type { Logger } from '../logger.ts'
import type { ServerConnection } from '../server-types.ts'
import { failureToSend, isDefect, reasonOf } from './call-failure.ts'
import { describeContract, describeProcedure } from './describe-contract.ts'
import type { HandlerCount } from './handler-count.ts'
import { type PumpOutcome, pumpItems } from './pump-items.ts'

const completed: PumpOutcome = { kind: 'completed' }

/** What serving a call needs of the server. */
export interface CallServices {
  readonly router: Router
  readonly handlers: HandlerCount
  readonly environment: SessionEnvironment
  readonly log: Logger
  readonly validateOutputs: boolean
}

/** Finds the handler, runs it, and answers. Never rejects. */
export async function serveCall(
  services: CallServices,
  call: IncomingCall,
  connection: ServerConnection,
  context: unknown,
): Promise<void> {
  if (call.procedure === describeProcedure) {
    answerDescribe(services, call)
    return
  }
  let route: Route
  try {
    route = services.router.find(call)
    services.handlers.enter()
  } catch (error) {
    call.fail(error as RpcError)
    return
  }
  try {
    const outcome = await answer(services, call, connection, context, route)
    if (outcome.kind === 'completed') return
    // The peer of an aborted call has its answer. Telling the session frees the call's place among the abandoned of
    // this connection: not before its producer has stopped, or cancelling would pile up producers without a limit.
    if (outcome.kind === 'left' && call.signal.aborted)
      void outcome.left.then(() => fail(services, call, connection, route, outcome.error))
    else fail(services, call, connection, route, outcome.error)
  } catch (error) {
    fail(services, call, connection, route, error)
  } finally {
    services.handlers.leave()
  }
}

function answerDescribe({ router }: CallServices, call: IncomingCall): void {
  try {
    call.respond(describeContract(router.announcements, call.input))
  } catch (error) {
    call.fail(error as RpcError)
  }
}

/** Runs the handler and answers with what it gives. @throws what the handler throws before its first item */
async function answer(
  services: CallServices,
  call: IncomingCall,
  connection: ServerConnection,
  context: unknown,
  { entry, binding }: Route,
): Promise<PumpOutcome> {
  const { deadlineAtMs, metadata, signal } = call
  const remainingMs = () =>
    deadlineAtMs === undefined ? undefined : Math.max(0, deadlineAtMs - services.environment.nowMs())
  const facts = { context, signal, connection, deadlineAtMs, remainingMs, metadata }
  const output = await runHandler(binding, facts, call.input, keepContext)
  if (entry.callKind === 'server-stream') {
    const onReturnFailed = (err: unknown) =>
      services.log.debug({ ...callFacts(call, connection), err }, 'a producer failed while it was being left')
    const outcome = await pumpItems(call, entry, output as AsyncIterable<unknown>, {
      validate: services.validateOutputs,
      onReturnFailed,
    })
    if (outcome.kind === 'completed') call.end()
    return outcome
  }
  const { output: schema } = entry.procedure
  if (services.validateOutputs && schema !== undefined) {
    const parsed = await parseWith(schema, output, {
      what: `the output of ${entry.fullName}`,
      code: 'INTERNAL',
    })
    if (!parsed.ok) throw parsed.error
  }
  call.respond(toBody(schema, output), (error) =>
    unsent(services, call, connection, { entry, binding }, error),
  )
  return completed
}

/** Items are asked for outside the middlewares: what those have entered has to be entered again. */
function keepContext(): <Result>(run: () => Result) => Result {
  const context = currentContext()
  return (run) => context.runInAsyncScope(run)
}

/** The failure in place of an answer that cannot be sent, after it was logged. */
function unsent(
  { log }: CallServices,
  call: IncomingCall,
  connection: ServerConnection,
  { entry }: Route,
  error: RpcError,
): RpcError {
  const reason = reasonOf(error)
  const failure = failureToSend(reason, entry.procedure, `${connection.id}/${call.id}`)
  const facts = { ...callFacts(call, connection), code: failure.code, err: reason }
  if (isDefect(failure)) log.error(facts, 'an answer cannot be sent')
  else log.debug(facts, 'an answer cannot be sent')
  return failure
}

function fail(
  services: CallServices,
  call: IncomingCall,
  connection: ServerConnection,
  route: Route,
  error: unknown,
): void {
  const { log } = services
  const { entry } = route
  const failure = failureToSend(error, entry.procedure, `${connection.id}/${call.id}`)
  const facts = { ...callFacts(call, connection), code: failure.code, err: error }
  if (call.signal.aborted) log.debug(facts, 'a call failed after its client had given it up')
  else if (isDefect(failure)) log.error(facts, 'a handler failed')
  else log.debug(facts, 'a call failed')
  call.fail(failure, (unsendable) => unsent(services, call, connection, route, unsendable))
}

function callFacts(call: IncomingCall, connection: ServerConnection): Record<string, unknown> {
  return { connection: connection.id, call: call.id, procedure: call.procedure }
}
