import { describeValue } from '../checks/check-value.ts'
import { asyncDispose } from '../checks/disposal.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { hasItems } from '../contract/kind-of-call.ts'
import { mayHaveRun } from '../may-have-run.ts'
import { RpcError } from '../rpc-error.ts'
import { checkedFailure, procedureOfFailure } from './failure-of-call.ts'
import { InterceptedStart, type StartedStream } from './intercepted-start.ts'
import type { InterceptedCall, Interceptor } from './interceptor.ts'
import { madeAgain } from './made-again.ts'
import { readTwice } from './read-twice.ts'
import { leftEarly } from './stream-start.ts'
import { leaveSource } from './upload-source.ts'

type Result = IteratorResult<unknown, undefined>

const done: Result = { done: true, value: undefined }

/** Runs `start` inside the interceptors, the first one outermost. Rejects with an RpcError only. */
export async function withInterceptors(
  interceptors: readonly Interceptor[],
  entry: ProcedureEntry,
  call: InterceptedCall,
  start: (call: InterceptedCall) => Promise<unknown>,
): Promise<unknown> {
  let passedOn = false
  const run = (index: number, current: InterceptedCall): Promise<unknown> => {
    const interceptor = interceptors[index]
    if (interceptor !== undefined) {
      return interceptor(current, (next) =>
        isObject(next) ? run(index + 1, next) : Promise.reject(passedOnNothing(entry, next)),
      )
    }
    passedOn = true
    return start(current)
  }
  try {
    const outcome = await run(0, call)
    if (!passedOn || !hasItems(entry.callKind)) leaveUnread(call)
    return outcome
  } catch (error) {
    leaveUnread(call)
    throw asRpcError(error, entry, passedOn)
  }
}

/** Closes the unread rest of a source: an interceptor may answer itself, or a strict client refuse the call. */
function leaveUnread({ upload }: InterceptedCall): void {
  if (upload !== undefined) leaveSource(upload)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function passedOnNothing({ fullName, procedure }: ProcedureEntry, call: unknown): RpcError {
  const text =
    `an interceptor of ${fullName} called next() with ${describeValue(call)}: pass the call, ` +
    'or a changed copy of it'
  return checkedFailure(procedure, new RpcError('INVALID_ARGUMENT', text, { procedure: fullName }))
}

/**
 * The items that interceptors return. The interceptors run when the first item is requested.
 *
 * @param unread called when the stream is closed before it was read
 */
export function interceptedItems(
  open: () => Promise<unknown>,
  entry: ProcedureEntry,
  start: InterceptedStart = new InterceptedStart(),
  unread?: () => void,
): AsyncIterableIterator<unknown, undefined> & StartedStream & AsyncDisposable {
  let source: Promise<AsyncIterator<unknown>> | undefined
  let first: Promise<Result> | undefined
  /** The first item, if it was read before the reader requested it. */
  let ahead: Promise<Result> | undefined
  let left = false
  let looped = false
  const opened = async () => {
    const items = await open()
    if (typeof items !== 'object' || items === null || !(Symbol.asyncIterator in items)) {
      const { fullName, procedure } = entry
      const text = `an interceptor of ${fullName} did not return an AsyncIterable`
      throw checkedFailure(procedure, new RpcError('INTERNAL', text, { procedure: fullName }))
    }
    return (items as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  }
  const leave = () => {
    left = true
    if (source === undefined) unread?.()
    source?.then((iterator) => iterator.return?.()).catch(() => undefined)
  }
  const readOne = async (): Promise<Result> => {
    if (left) return done
    source ??= opened()
    try {
      const result = await (await source).next()
      if (result.done !== true) return result
      left = true
      return done
    } catch (error) {
      left = true
      throw asRpcError(error, entry, true)
    }
  }
  const read = () => {
    const asked = readOne()
    // No `then` here: the code that awaits the item would not be in the stack of its failure.
    first ??= asked
    return asked
  }
  const readAhead = () => {
    if (first !== undefined) return first
    ahead = read()
    ahead.catch(() => undefined) // The reader gets the rejection.
    return ahead
  }
  return {
    [Symbol.asyncIterator]() {
      if (looped && left) throw readTwice(entry)
      looped = true
      return this
    },
    next() {
      const asked = ahead ?? read()
      ahead = undefined
      return asked
    },
    async started() {
      if (left && first === undefined) throw checkedFailure(entry.procedure, madeAgain(leftEarly()))
      source ??= opened()
      try {
        await source
      } catch (error) {
        throw asRpcError(error, entry, true)
      }
      try {
        await start.started(readAhead)
      } catch (error) {
        throw askedAgain(error, entry)
      }
    },
    async return() {
      leave()
      return done
    },
    async [asyncDispose]() {
      leave()
    },
  }
}

/** The failure of the first item, made again for the caller of `started()`. The reader of the item has its own. */
function askedAgain(error: unknown, { procedure }: ProcedureEntry): unknown {
  if (!RpcError.is(error) || procedureOfFailure(error) !== procedure) return error
  return checkedFailure(procedure, madeAgain(error))
}

/** An RpcError that an interceptor throws reaches the caller as it is. */
function asRpcError(error: unknown, { fullName, procedure }: ProcedureEntry, passedOn: boolean): RpcError {
  if (RpcError.is(error)) return error
  const maybeExecuted = passedOn ? mayHaveRun.interceptedAfter : mayHaveRun.interceptedBefore
  const text = `an interceptor of ${fullName} failed`
  const options = { cause: error, maybeExecuted, procedure: fullName }
  return checkedFailure(procedure, new RpcError('UNKNOWN', text, options))
}
