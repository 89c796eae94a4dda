import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { type HandledCall, type HandledCalls, handledCalls } from '../contract/handled-calls.ts'
import { hasItems, hasUpload } from '../contract/kind-of-call.ts'
import type { Parsed } from '../contract/parse-with.ts'
import { toBody } from '../contract/to-body.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { SessionEnvironment } from '../session/common/session-environment.ts'
import type { CallSide, ServingOptions } from './call-side.ts'
import { checkedOutput, outputOf } from './checked-output.ts'
import { failCall, unsent } from './fail-call.ts'
import { type PumpOutcome, pumpItems } from './pump-items.ts'
import type { Route } from './route.ts'
import { answerOf, beginHandler, runThroughMiddlewares } from './run-handler.ts'
import { ServedCall } from './served-call.ts'
import { UploadItems } from './upload-items.ts'

/**
 * Runs the handler of a call, and answers. Never rejects.
 *
 * The one async function that each call has: promises of others in between would cost a small call a good part of its time.
 */
export async function answerCall(
  serving: ServingOptions,
  call: IncomingCall,
  side: CallSide,
  route: Route,
): Promise<void> {
  const upload = hasUpload(call.kind) ? new UploadItems(call, route.entry, serving.uploads) : undefined
  const served = new ServedCall(call, side, upload, serving.environment)
  const { binding } = route
  let left: Promise<void> | undefined
  try {
    const handled = call.deadlineAtMs === undefined ? undefined : handledCalls()
    const output =
      handled === undefined && binding.middlewares.length === 0
        ? answerOf(binding, await beginHandler(binding, served, call.input, served), served)
        : await runApart(serving, served, route, handled)
    if (hasItems(route.entry.callKind)) {
      const outcome = await answerItems(serving, served, route.entry, output)
      left = concludeItems(serving, served, route, outcome)
    } else {
      const checked = checkedAnswer(serving, route, output)
      // Without waiting where nothing is to be waited for: it would cost every call a turn of the microtasks.
      const sent = checked !== undefined && 'then' in checked ? await checked : checked
      respond(served, route, sent === undefined ? output : outputOf(sent))
    }
  } catch (error) {
    failCall(serving, served, route, error)
  } finally {
    // Who reads on behind the answer comes to the end.
    served.upload?.stop()
    side.callEnded(left)
  }
}

/** Runs the handler behind its middlewares, and in the context of the call when clients of this process ask for it. */
function runApart(
  { environment }: ServingOptions,
  served: ServedCall,
  { entry, binding }: Route,
  handled: HandledCalls | undefined,
): Promise<unknown> {
  const { call } = served
  const run = () => runThroughMiddlewares(binding, served, call.input, served)
  if (handled === undefined) return run()
  return handled.run(handledCall(entry, call.deadlineAtMs as number, environment), run)
}

/** Undefined where the output goes out as it is. */
function checkedAnswer(
  { validateOutputs }: ServingOptions,
  { entry, binding }: Route,
  output: unknown,
): Parsed<unknown> | undefined {
  const { output: schema } = entry.procedure
  if (!validateOutputs || schema === undefined) return undefined
  return checkedOutput(schema, output, binding.output)
}

function respond(served: ServedCall, route: Route, output: unknown): void {
  const body = toBody(route.entry.procedure.output, output)
  served.call.respond(body, (error) => unsent(served, route, error), served.onCompleted)
}

async function answerItems(
  { validateOutputs }: ServingOptions,
  served: ServedCall,
  entry: ProcedureEntry,
  items: unknown,
): Promise<PumpOutcome> {
  const { call, side } = served
  const onReturnFailed = (err: unknown) =>
    side.log.debug({ ...served.facts, err }, 'a producer failed while it was being left')
  const outcome = await pumpItems(call, entry, items as AsyncIterable<unknown>, {
    validate: validateOutputs,
    onReturnFailed,
    onItem: served.onItem,
  })
  if (outcome.kind === 'completed') {
    call.end()
    served.onCompleted?.()
  }
  return outcome
}

function handledCall(
  { fullName }: ProcedureEntry,
  deadlineAtMs: number,
  environment: SessionEnvironment,
): HandledCall {
  return { procedure: fullName, leftMs: () => deadlineAtMs - environment.nowMs() }
}

/** @returns what settles once the producer has stopped, where it was left */
function concludeItems(
  serving: ServingOptions,
  served: ServedCall,
  route: Route,
  outcome: PumpOutcome,
): Promise<void> | undefined {
  if (outcome.kind === 'completed') return undefined
  // The peer of an aborted call has its answer. Telling the session frees the call's place among the abandoned of
  // this connection: not before its producer has stopped, or cancelling would pile up producers without a limit.
  if (outcome.kind === 'left' && served.call.isAborted) failOnceStopped(serving, served, route, outcome)
  else failCall(serving, served, route, outcome.error)
  return outcome.kind === 'left' ? outcome.left : undefined
}

function failOnceStopped(
  serving: ServingOptions,
  served: ServedCall,
  route: Route,
  { error, left }: Extract<PumpOutcome, { readonly kind: 'left' }>,
): void {
  void left.then(() => failCall(serving, served, route, error))
}
