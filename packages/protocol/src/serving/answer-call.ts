import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { type HandledCall, type HandledCalls, handledCalls } from '../contract/handled-calls.ts'
import { hasItems, hasUpload } from '../contract/kind-of-call.ts'
import { toBody } from '../contract/to-body.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { SessionEnvironment } from '../session/common/session-environment.ts'
import type { CallSide, ServingOptions } from './call-side.ts'
import { checkedOutput, outputOf } from './checked-output.ts'
import { failCall, unsent } from './fail-call.ts'
import type { HandlerBinding, IncomingCallFacts } from './handler-types.ts'
import { type PumpOutcome, pumpItems } from './pump-items.ts'
import type { Route } from './route.ts'
import { runHandler } from './run-handler.ts'
import { ServedCall } from './served-call.ts'
import { UploadItems } from './upload-items.ts'

const completed: PumpOutcome = { kind: 'completed' }

/** Runs the handler of a call, and answers. Never rejects. */
export async function answerCall(
  serving: ServingOptions,
  call: IncomingCall,
  side: CallSide,
  route: Route,
): Promise<void> {
  const upload = hasUpload(call.kind) ? new UploadItems(call, route.entry, serving.uploads) : undefined
  const served = new ServedCall(call, side, upload)
  let left: Promise<void> | undefined
  try {
    const outcome = await answer(serving, served, route)
    if (outcome.kind === 'completed') return
    if (outcome.kind === 'left') left = outcome.left
    // The peer of an aborted call has its answer. Telling the session frees the call's place among the abandoned of
    // this connection: not before its producer has stopped, or cancelling would pile up producers without a limit.
    if (outcome.kind === 'left' && call.signal.aborted) failOnceStopped(serving, served, route, outcome)
    else failCall(serving, served, route, outcome.error)
  } catch (error) {
    failCall(serving, served, route, error)
  } finally {
    // Who reads on behind the answer comes to the end.
    served.upload?.stop()
    side.callEnded(left)
  }
}

/** Runs the handler and answers with what it gives. @throws what the handler throws before its first item */
async function answer(serving: ServingOptions, served: ServedCall, route: Route): Promise<PumpOutcome> {
  const { entry, binding } = route
  const { call } = served
  const { environment, validateOutputs } = serving
  const { deadlineAtMs } = call
  const facts = served.side.handlerFacts(call, remaining(deadlineAtMs, environment))
  const handled = deadlineAtMs === undefined ? undefined : handledCalls()
  const output = await (handled === undefined
    ? runHandler(binding, facts, call.input, served)
    : runIn(handled, handledCall(entry, deadlineAtMs as number, environment), binding, facts, served))
  if (hasItems(entry.callKind)) return await answerItems(serving, served, entry, output)
  const { output: schema } = entry.procedure
  let sent = output
  if (validateOutputs && schema !== undefined) {
    const checked = checkedOutput(schema, output, binding.output)
    // Without waiting where nothing is to be waited for: it would cost every call a turn of the microtasks.
    sent = outputOf('then' in checked ? await checked : checked)
  }
  call.respond(toBody(schema, sent), (error) => unsent(served, route, error), served.onCompleted)
  return completed
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

// Functions of their own, since a closure keeps what it uses in a context, which would be made for every call.

function remaining(
  deadlineAtMs: number | undefined,
  environment: SessionEnvironment,
): () => number | undefined {
  return () => (deadlineAtMs === undefined ? undefined : Math.max(0, deadlineAtMs - environment.nowMs()))
}

function handledCall(
  { fullName }: ProcedureEntry,
  deadlineAtMs: number,
  environment: SessionEnvironment,
): HandledCall {
  return { procedure: fullName, leftMs: () => deadlineAtMs - environment.nowMs() }
}

function runIn(
  handled: HandledCalls,
  handledCall: HandledCall,
  binding: HandlerBinding,
  facts: IncomingCallFacts,
  served: ServedCall,
): Promise<unknown> {
  return handled.run(handledCall, () => runHandler(binding, facts, served.call.input, served))
}

function failOnceStopped(
  serving: ServingOptions,
  served: ServedCall,
  route: Route,
  { error, left }: Extract<PumpOutcome, { readonly kind: 'left' }>,
): void {
  void left.then(() => failCall(serving, served, route, error))
}
