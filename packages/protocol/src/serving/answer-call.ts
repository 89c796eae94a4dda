import { isThenable } from '../checks/is-thenable.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { type HandledCall, handledCalls } from '../contract/handled-calls.ts'
import { hasItems, hasUpload } from '../contract/kind-of-call.ts'
import { noValue, type ParseResult, whyNoValue } from '../contract/parse-with.ts'
import { toBody } from '../contract/to-body.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { SessionEnvironment } from '../session/common/session-environment.ts'
import type { CallSide, ServingOptions } from './call-side.ts'
import { invalidOutput, outputOf, readOutput } from './checked-output.ts'
import { failCall } from './fail-call.ts'
import { type PumpOutcome, pumpItems } from './pump-items.ts'
import type { Route } from './route.ts'
import { answerOf, beginHandler, runThroughMiddlewares } from './run-handler.ts'
import { ServedCall } from './served-call.ts'
import { UploadItems } from './upload-items.ts'
import { Waiters } from './waiters.ts'

/**
 * Runs the handler of a call and answers the call. If the handler returns its answer at once, the call is answered at
 * once. Never throws or rejects.
 *
 * @returns a promise that settles with the answer, if something had to be waited for
 */
export function answerCall(
  serving: ServingOptions,
  call: IncomingCall,
  side: CallSide,
  route: Route,
): Promise<unknown> | undefined {
  const upload = hasUpload(call.kind) ? new UploadItems(call, route.entry, serving.uploads) : undefined
  const served = new ServedCall(call, side, route, upload, serving.environment)
  return side.isWatched ? beginWatched(serving, served) : beginAnswer(serving, served)
}

/** In a separate function, because the closure would create a context for every call. */
function beginWatched(serving: ServingOptions, served: ServedCall): Promise<unknown> | undefined {
  return served.side.watch(served, () => beginAnswer(serving, served))
}

function beginAnswer(serving: ServingOptions, served: ServedCall): Promise<unknown> | undefined {
  try {
    const given = runHandlerOf(served, serving)
    if (hasItems(served.entry.callKind)) return answerWithItems(serving, served, given)
    if (isThenable(given)) return answerLater(serving, served, given)
    return answerWith(serving, served, given)
  } catch (error) {
    failedWith(serving, served, error)
    return undefined
  }
}

const waiters = new Waiters<ServingOptions, ServedCall>(answerWith, failedWith)

/**
 * Without `await`: an async function would keep twice as much for each waiting call.
 *
 * @throws the error of a promise that was tampered with: it is then not awaited
 */
function answerLater(
  serving: ServingOptions,
  served: ServedCall,
  given: PromiseLike<unknown>,
): Promise<unknown> {
  return waiters.wait(Promise.resolve(given), serving, served)
}

/** @returns a promise for the answer, if its schema validates asynchronously */
function answerWith(serving: ServingOptions, served: ServedCall, given: unknown): Promise<void> | undefined {
  try {
    const output = answerOf(served.route.binding, given, served)
    const checked = checkedAnswer(serving, served.route, output)
    if (checked === noValue) return respondLater(serving, served, whyNoValue())
    respond(served, checked)
    return undefined
  } catch (error) {
    failedWith(serving, served, error)
    return undefined
  }
}

/** Used if the output is validated asynchronously, or does not match (then without waiting). */
function respondLater(
  serving: ServingOptions,
  served: ServedCall,
  why: ReturnType<typeof whyNoValue>,
): Promise<void> | undefined {
  if ('then' in why) return respondWhenChecked(serving, served, why)
  failedWith(serving, served, invalidOutput(why.error))
  return undefined
}

async function respondWhenChecked(
  serving: ServingOptions,
  served: ServedCall,
  checked: Promise<ParseResult<unknown>>,
): Promise<void> {
  try {
    respond(served, outputOf(await checked))
  } catch (error) {
    failedWith(serving, served, error)
  }
}

/** @throws for an invalid output: the call has not ended then */
function respond(served: ServedCall, output: unknown): void {
  served.call.respond(toBody(served.route.entry.procedure.output, output), served)
  ended(served)
}

function failedWith(serving: ServingOptions, served: ServedCall, error: unknown): void {
  failCall(serving, served, error)
  ended(served)
}

async function answerWithItems(serving: ServingOptions, served: ServedCall, given: unknown): Promise<void> {
  let left: Promise<void> | undefined
  try {
    const items = answerOf(served.route.binding, await given, served)
    left = concludeItems(serving, served, await answerItems(serving, served, items))
  } catch (error) {
    failCall(serving, served, error)
  }
  ended(served, left)
}

/** @param left settles when an abandoned producer has stopped */
function ended(served: ServedCall, left?: Promise<void>): void {
  // A handler that still reads after the answer reaches the end.
  served.upload?.stop()
  const { stopped } = served
  served.side.callEnded(left === undefined || stopped === undefined ? (left ?? stopped) : both(left, stopped))
}

async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  await one
  await other
}

/** Runs the handler with its middlewares, in the context of the call if clients of this process use it. */
function runHandlerOf(served: ServedCall, { environment }: ServingOptions): unknown {
  const { call, route } = served
  const { entry, binding } = route
  const handled = call.deadlineAtMs === undefined ? undefined : handledCalls()
  if (handled !== undefined)
    return handled.run(handledCall(entry, call.deadlineAtMs as number, environment), () =>
      runThroughMiddlewares(binding, served, call.input, served),
    )
  return binding.middlewares.length === 0
    ? beginHandler(binding, served, call.input, served)
    : runThroughMiddlewares(binding, served, call.input, served)
}

/** @returns the value to send, or {@link noValue} */
function checkedAnswer(
  { validateOutputs }: ServingOptions,
  { entry, binding }: Route,
  output: unknown,
): unknown {
  const { output: schema } = entry.procedure
  if (!validateOutputs || schema === undefined) return output
  return readOutput(schema, output, binding.output)
}

async function answerItems(
  { validateOutputs }: ServingOptions,
  served: ServedCall,
  items: unknown,
): Promise<PumpOutcome> {
  const { call, side } = served
  const { entry } = served.route
  const onReturnFailed = (err: unknown) =>
    side.log.debug({ ...served.facts, err }, 'a producer failed while it was being closed')
  const outcome = await pumpItems(call, entry, items as AsyncIterable<unknown>, {
    validate: validateOutputs,
    onReturnFailed,
    onItem: served.onItem,
  })
  if (outcome.kind === 'completed') {
    call.end()
    served.given()
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

/** @returns a promise that settles once an abandoned producer has stopped */
function concludeItems(
  serving: ServingOptions,
  served: ServedCall,
  outcome: PumpOutcome,
): Promise<void> | undefined {
  if (outcome.kind === 'completed') return undefined
  // The peer of an aborted call has its answer. Telling the session frees the call's place among the abandoned of
  // this connection: not before its producer has stopped, or cancelling would pile up producers without a limit.
  if (outcome.kind === 'left' && served.call.isAborted) failOnceStopped(serving, served, outcome)
  else failCall(serving, served, outcome.error)
  return outcome.kind === 'left' ? outcome.left : undefined
}

function failOnceStopped(
  serving: ServingOptions,
  served: ServedCall,
  { error, left }: Extract<PumpOutcome, { readonly kind: 'left' }>,
): void {
  void left.then(() => failCall(serving, served, error))
}
