import { RpcError } from '@frameport/protocol'
import { isPlainObject } from '@frameport/protocol/checks'
import { parseBody } from '@frameport/protocol/contract'
import type { Body } from '@frameport/protocol/envelope'
import type { CallFacts, HandlerBinding, MiddlewareNext, MiddlewareResult } from './handler-types.ts'

/** What the server knows of a call; the binding knows the rest. */
export type IncomingFacts = Omit<CallFacts<unknown>, 'procedure'>

/** Called in a context of the platform; what it returns runs a callback in that context again. */
export type KeepContext = () => <Result>(run: () => Result) => Result

/**
 * Runs a call: the middlewares from the outside in, then the validation of the input, then the handler.
 * Middlewares come first, so that a caller who is refused learns nothing about inputs and costs no validation.
 *
 * @param keepContext has the items of a stream made in the context in which the handler was called (that of
 *   `AsyncLocalStorage`, in Node), although they are asked for from outside. Default: they are not.
 * @returns the handler's answer, not validated (the receiver does that); for a stream an `AsyncIterable`.
 * @throws RpcError of a middleware, of the input or of the handler, and whatever else those throw: an error
 * that is no RpcError must not reach the peer with its text.
 */
export async function runHandler(
  binding: HandlerBinding,
  facts: IncomingFacts,
  input: Body,
  keepContext?: KeepContext,
): Promise<unknown> {
  const base: CallFacts<unknown> = { ...facts, procedure: binding.called }
  // Without middlewares there is nobody to hand the answer through.
  if (binding.middlewares.length === 0) return callHandler(binding, base, input, keepContext)
  const result = await runFrom(binding, 0, base, input, keepContext)
  return result.output
}

async function runFrom(
  binding: HandlerBinding,
  index: number,
  facts: CallFacts<unknown>,
  input: Body,
  keepContext: KeepContext | undefined,
): Promise<MiddlewareResult<object>> {
  const middleware = binding.middlewares[index]
  if (middleware === undefined) return { output: await callHandler(binding, facts, input, keepContext) }
  let gone = false
  const next = (more?: { readonly context: object }) => {
    if (gone) throw new RpcError('INTERNAL', `a middleware of ${binding.called.fullName} called next() twice`)
    gone = true
    const wider =
      more === undefined ? facts : { ...facts, context: widen(facts.context, more.context, binding) }
    return runFrom(binding, index + 1, wider, input, keepContext)
  }
  const result: unknown = await middleware({ ...facts, next: next as MiddlewareNext })
  if (isResult(result)) return result
  throw new RpcError('INTERNAL', `a middleware of ${binding.called.fullName} did not return what next() gave`)
}

async function callHandler(
  binding: HandlerBinding,
  facts: CallFacts<unknown>,
  input: Body,
  keepContext: KeepContext | undefined,
): Promise<unknown> {
  const { called, procedure } = binding
  const read = parseBody(procedure.input, input, binding.input)
  // Without waiting where nothing is to be waited for: the handler's time up to its first await is measured then.
  const parsed = 'then' in read ? await read : read
  if (!parsed.ok) throw parsed.error
  facts.signal.throwIfAborted()
  const output = await binding.handler({ ...facts, input: parsed.value, errors: binding.errors })
  if (called.callKind === 'unary') return output
  if (!isAsyncIterable(output)) {
    throw new RpcError('INTERNAL', `the handler of ${called.fullName} gave no AsyncIterable of items`)
  }
  return keepContext === undefined ? output : itemsMadeIn(keepContext(), output)
}

function itemsMadeIn(enter: ReturnType<KeepContext>, items: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = enter(() => items[Symbol.asyncIterator]())
      return {
        next: () => enter(() => iterator.next()),
        return: async () => enter(() => iterator.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}

function widen(context: unknown, added: object, binding: HandlerBinding): unknown {
  if (isPlainObject(context)) return { ...context, ...added }
  throw new RpcError(
    'INTERNAL',
    `the context of ${binding.called.fullName} is no plain object, so a middleware cannot add to it: make it a ` +
      'plain object that has the instance as a member',
  )
}

function isResult(value: unknown): value is MiddlewareResult<object> {
  return typeof value === 'object' && value !== null && 'output' in value
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
