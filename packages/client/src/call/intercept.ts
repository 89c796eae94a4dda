import { RpcError } from '@frameport/protocol'
import { mayHaveRun } from '@frameport/protocol/contract'
import type { InterceptedCall, Interceptor } from '../interceptor.ts'

/** Runs `start` inside the interceptors, the first one outermost. Rejects with an RpcError only. */
export async function withInterceptors(
  interceptors: readonly Interceptor[],
  call: InterceptedCall,
  start: (call: InterceptedCall) => Promise<unknown>,
): Promise<unknown> {
  let passedOn = false
  const run = (index: number, current: InterceptedCall): Promise<unknown> => {
    const interceptor = interceptors[index]
    if (interceptor !== undefined) return interceptor(current, (next) => run(index + 1, next))
    passedOn = true
    return start(current)
  }
  try {
    return await run(0, call)
  } catch (error) {
    throw asRpcError(error, call.procedure.fullName, passedOn)
  }
}

/** The items that interceptors let through: they run when the first one is asked for. */
export function interceptedItems(
  open: () => Promise<unknown>,
  fullName: string,
): AsyncIterableIterator<unknown, undefined> {
  let source: Promise<AsyncIterator<unknown>> | undefined
  let left = false
  const opened = async () => {
    const items = await open()
    if (typeof items !== 'object' || items === null || !(Symbol.asyncIterator in items)) {
      throw new RpcError('INTERNAL', `an interceptor of ${fullName} gave no AsyncIterable of items`)
    }
    return (items as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  }
  const leave = () => {
    left = true
    source?.then((iterator) => iterator.return?.()).catch(() => undefined)
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      if (left) return { done: true, value: undefined }
      source ??= opened()
      try {
        const result = await (await source).next()
        return result.done === true ? { done: true, value: undefined } : result
      } catch (error) {
        left = true
        throw asRpcError(error, fullName, true)
      }
    },
    async return() {
      leave()
      return { done: true, value: undefined }
    },
  }
}

function asRpcError(error: unknown, fullName: string, passedOn: boolean): RpcError {
  if (RpcError.is(error)) return error
  const maybeExecuted = passedOn ? mayHaveRun.interceptedAfter : mayHaveRun.interceptedBefore
  return new RpcError('UNKNOWN', `an interceptor of ${fullName} failed`, { cause: error, maybeExecuted })
}
