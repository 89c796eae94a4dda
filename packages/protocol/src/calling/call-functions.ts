import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { CalledProcedure } from '../contract/called-procedure.ts'
import type { HandledCalls } from '../contract/handled-calls.ts'
import { hasItems, hasUpload } from '../contract/kind-of-call.ts'
import { RpcError } from '../rpc-error.ts'
import type { CallServices } from './call-services.ts'
import { type AnyCallOptions, callOptions, noMetadata, noOptions, tooManyArguments } from './check-call.ts'
import { checkedFailure } from './failure-of-call.ts'
import { inheritedDeadline } from './inherited-deadline.ts'
import { interceptedItems, withInterceptors } from './intercept.ts'
import { InterceptedStart } from './intercepted-start.ts'
import type { InterceptedCall, Interceptor } from './interceptor.ts'
import { ItemStream } from './item-stream.ts'
import { madeAgain } from './made-again.ts'
import { procedureTree } from './procedure-tree.ts'
import { callOnce, unaryCalls } from './unary-call.ts'
import { leaveSource } from './upload-source.ts'

/** Makes a call and resolves with its answer, or with the stream of its items. */
export type StartCall<Started> = (call: InterceptedCall) => Promise<Started>

/** Publishes the calls that a side makes. */
export interface CallWatch {
  /** Whether there is a subscriber. Read once for each call. */
  readonly isWatched: boolean
  /** The outermost interceptor of a call that is watched. */
  readonly interceptor: Interceptor
}

/** Options of {@link callFunctions}. */
export interface CallFunctionsOptions {
  /** What the calls need of the side that makes them: its session, and how its failures are reported. */
  readonly services: CallServices
  /** The interceptors of every call, outermost first. Default: none. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /**
   * Returns the deadline, in milliseconds, of the calls of a procedure that give none themselves; undefined for no
   * deadline.
   */
  readonly defaultDeadlineMs?: ((entry: ProcedureEntry) => number | undefined) | undefined
  /** Finds the call whose handler makes a call, for inherited deadlines. Without it no deadline is inherited. */
  readonly handledCalls?: HandledCalls | undefined
  /** Publishes the calls. Without it nothing is published. */
  readonly watch?: CallWatch | undefined
  /** Called at the beginning of each call, before its arguments are checked. */
  readonly called?: (() => void) | undefined
  /** Wraps the start of the calls of a procedure. A strict client uses it to refuse calls. */
  readonly admitted?:
    | (<Started>(entry: ProcedureEntry, start: StartCall<Started>) => StartCall<Started>)
    | undefined
}

/**
 * Makes an object with a function for each procedure, nested as in the contract.
 *
 * @param contract the name of the contract
 */
export function callFunctions(
  contract: string,
  entries: Iterable<ProcedureEntry>,
  options: CallFunctionsOptions,
): object {
  return procedureTree(contract, entries, (entry, called) => callFunction(entry, called, options))
}

function callFunction(
  entry: ProcedureEntry,
  called: CalledProcedure,
  options: CallFunctionsOptions,
): (...args: unknown[]) => unknown {
  const { services, interceptors: given = [], admitted, watch } = options
  const defaultDeadlineMs = options.defaultDeadlineMs?.(entry)
  if (hasItems(entry.callKind)) {
    const make: StartCall<ItemStream> = async (call) => new ItemStream(services, entry, call)
    const open = admitted === undefined ? make : admitted(entry, make)
    return (...args) => {
      const call = outgoing(entry, called, args, options, defaultDeadlineMs)
      if (RpcError.is(call)) return interceptedItems(() => Promise.reject(call), entry)
      const interceptors = watch?.isWatched === true ? [watch.interceptor, ...given] : given
      if (interceptors.length === 0 && admitted === undefined) return new ItemStream(services, entry, call)
      const begin = new InterceptedStart()
      const start = async (passed: InterceptedCall) => begin.passedOn(await open(passed))
      const unread = call.upload === undefined ? undefined : () => leaveSource(call.upload)
      const made = () => withInterceptors(interceptors, entry, call, start)
      return interceptedItems(made, entry, begin, unread)
    }
  }
  const calls = unaryCalls(services, entry)
  const once: StartCall<unknown> = (call) => callOnce(calls, call)
  const start = admitted === undefined ? once : admitted(entry, once)
  return (...args) => {
    const call = outgoing(entry, called, args, options, defaultDeadlineMs)
    if (RpcError.is(call)) return Promise.reject(call)
    const interceptors = watch?.isWatched === true ? [watch.interceptor, ...given] : given
    if (interceptors.length === 0 && admitted === undefined) return callOnce(calls, call)
    return withInterceptors(interceptors, entry, call, start)
  }
}

/** No further argument may follow the options. */
function readOptions(
  given: AnyCallOptions | undefined,
  args: readonly unknown[],
  optionsAt: number,
  procedure: CalledProcedure,
  hasInput: boolean,
): AnyCallOptions | RpcError {
  if (args.length > optionsAt + 1 && args.slice(optionsAt + 1).some((behind) => behind !== undefined))
    return tooManyArguments(args, procedure, hasInput)
  return given === undefined ? noOptions : callOptions(given, procedure, hasInput)
}

/** Returns the call, or the error of its options, with which the promise of the call, or its first item, rejects. */
function outgoing(
  entry: ProcedureEntry,
  procedure: CalledProcedure,
  args: readonly unknown[],
  { called, handledCalls }: CallFunctionsOptions,
  defaultDeadlineMs: number | undefined,
): InterceptedCall | RpcError {
  called?.()
  // The procedure decides which of the first two arguments exist: the input and the upload.
  const hasInput = entry.procedure.input !== undefined
  const at = hasInput ? 1 : 0
  const input = hasInput ? args[0] : undefined
  const upload = hasUpload(entry.callKind) ? (args[at] ?? null) : undefined
  const optionsAt = upload === undefined ? at : at + 1
  const given = args[optionsAt] as AnyCallOptions | undefined
  const read = readOptions(given, args, optionsAt, procedure, hasInput)
  if (RpcError.is(read)) {
    leaveSource(upload)
    return checkedFailure(entry.procedure, read)
  }
  const { signal, metadata = noMetadata } = read
  let deadlineMs: number | undefined
  try {
    deadlineMs = inheritedDeadline(handledCalls, read.inheritDeadline, read.deadlineMs ?? defaultDeadlineMs)
  } catch (error) {
    leaveSource(upload)
    return checkedFailure(entry.procedure, madeAgain(error as RpcError))
  }
  const call = { procedure, input, deadlineMs, signal, metadata }
  if (upload !== undefined) return { ...read, ...call, upload }
  const { windowItems, windowBytes } = read
  return read === noOptions ? call : { ...call, windowItems, windowBytes }
}
