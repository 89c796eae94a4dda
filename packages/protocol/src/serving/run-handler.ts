import { isPlainObject } from '../checks/is-plain-object.ts'
import { iteratorOf } from '../checks/iterator-of.ts'
import { hasItems } from '../contract/kind-of-call.ts'
import { noValue, readBody, whyNoValue } from '../contract/parse-with.ts'
import type { Body } from '../envelope/codec.ts'
import { RpcError } from '../rpc-error.ts'
import type { CallObserver } from './call-observer.ts'
import { checkNext, type NextOptions } from './check-next.ts'
import type {
  ErasedHandler,
  ErasedMiddleware,
  HandlerBinding,
  IncomingCallFacts,
  MiddlewareNext,
  MiddlewareResult,
  Upload,
} from './handler-types.ts'

/** Runs a callback in an async context that was kept (that of `AsyncLocalStorage` in Node.js). */
export type EnterContext = <Result>(run: () => Result) => Result

/** Supports the code that runs a handler. */
export interface HandlerHost {
  /**
   * Called in the async context in which the handler was called. The returned function runs a callback in that
   * context again, because the items of a stream are read from outside of it.
   */
  keepContext(): EnterContext
  /** Called with an observer that a middleware passed to `next()`. */
  observe(observer: CallObserver): void
  /**
   * Called when a middleware has called `next()`. What follows runs from then on, even if the middleware answers
   * without waiting for it.
   */
  nextBegan(): void
  /** Called when that has ended. */
  nextEnded(): void
  /** The items of the caller; undefined if the contract declares none. */
  readonly upload?: Upload<unknown> | undefined
}

/** The source of the facts of a call. */
export interface FactsSource {
  /** Returns a new object each time: its receiver completes it, and may keep it. */
  handlerFacts(): IncomingCallFacts
  /** @throws why the call was cancelled, when it was */
  throwIfAborted(): void
}

/**
 * Runs a call: the middlewares from the outside in, then the validation of the input, then the handler. Middlewares
 * run first, so that a refused caller learns nothing about inputs and costs no validation.
 *
 * @param host default: the context of a stream is not kept, and observers are not called
 * @returns the answer of the handler, not validated; for a stream an `AsyncIterable`
 * @throws RpcError of a middleware, of the input or of the handler, and any other error that they throw: the peer
 *   must not get the text of an error that is not an RpcError
 */
export function runHandler(
  binding: HandlerBinding,
  facts: IncomingCallFacts,
  input: Body,
  host?: HandlerHost,
): Promise<unknown> {
  const source = {
    handlerFacts: () => ({ ...facts }),
    throwIfAborted: () => facts.signal.throwIfAborted(),
  }
  return runThroughMiddlewares(binding, source, input, host)
}

/** The same as {@link runHandler}. */
export async function runThroughMiddlewares(
  binding: HandlerBinding,
  source: FactsSource,
  input: Body,
  host?: HandlerHost,
): Promise<unknown> {
  // Without middlewares, nothing has to pass the answer on.
  if (binding.middlewares.length === 0) return callHandler(binding, source, input, host)
  const { output } = await runFrom(binding, 0, source, undefined, input, host)
  const { callKind, fullName } = binding.called
  if (!hasItems(callKind) || isAsyncIterable(output)) return output
  throw new RpcError('INTERNAL', `a middleware of ${fullName} did not return an AsyncIterable as its output`)
}

/** @param wider the context that middlewares have made; undefined as long as none has */
async function runFrom(
  binding: HandlerBinding,
  index: number,
  source: FactsSource,
  wider: object | undefined,
  input: Body,
  host: HandlerHost | undefined,
): Promise<MiddlewareResult<object>> {
  const { called } = binding
  let wrongNext: string | undefined
  const next = (options?: NextOptions) => {
    if (wrongNext !== undefined)
      throw new RpcError('INTERNAL', `a middleware of ${called.fullName} called next() ${wrongNext}`)
    wrongNext = 'twice'
    if (options === undefined) return runFrom(binding, index + 1, source, wider, input, host)
    checkNext(options, called.fullName)
    const { context, onItem, onEnd } = options
    if (onItem !== undefined || onEnd !== undefined) host?.observe(options)
    const widest = context === undefined ? wider : widen(factsWith(source, wider), context, binding)
    return runFrom(binding, index + 1, source, widest, input, host)
  }
  // The outermost middleware answers the call, so only the inner ones are counted.
  if (index > 0) host?.nextBegan()
  try {
    const middleware = binding.middlewares[index]
    if (middleware === undefined) return { output: await callHandler(binding, source, input, host, wider) }
    const args = factsWith(source, wider) as Facts & { next?: MiddlewareNext }
    args.procedure = called
    args.next = next as MiddlewareNext
    const result: unknown = await middleware(args as Parameters<ErasedMiddleware>[0])
    if (isResult(result)) return result
  } finally {
    wrongNext ??= 'after its answer: nothing would wait for the handler'
    if (index > 0) host?.nextEnded()
  }
  throw new RpcError(
    'INTERNAL',
    `a middleware of ${called.fullName} did not return what next() gave: write \`return next()\``,
  )
}

async function callHandler(
  binding: HandlerBinding,
  source: FactsSource,
  input: Body,
  host: HandlerHost | undefined,
  wider?: object,
): Promise<unknown> {
  return answerOf(binding, await beginHandler(binding, source, input, host, wider), host)
}

/**
 * Validates the input and calls the handler. The caller waits for the result and gives it to {@link answerOf}: so a
 * call of a procedure without middlewares has only the promises of its handler and of its answer.
 *
 * @throws RpcError for the input, and the synchronous errors of the handler
 */
export function beginHandler(
  binding: HandlerBinding,
  source: FactsSource,
  input: Body,
  host: HandlerHost | undefined,
  wider?: object,
): unknown {
  const read = readBody(binding.procedure.input, input, binding.input)
  // Without waiting where nothing is to be waited for: the handler's time up to its first await is measured then.
  if (read === noValue) return withoutInput(binding, source, host, wider)
  return callWith(binding, source, read, host, wider)
}

/** In a separate function, because the closure would create a context for every call. */
function withoutInput(
  binding: HandlerBinding,
  source: FactsSource,
  host: HandlerHost | undefined,
  wider: object | undefined,
): unknown {
  const why = whyNoValue()
  if (!('then' in why)) throw why.error
  return why.then((parsed) => {
    if (!parsed.ok) throw parsed.error
    return callWith(binding, source, parsed.value, host, wider)
  })
}

function callWith(
  binding: HandlerBinding,
  source: FactsSource,
  input: unknown,
  host: HandlerHost | undefined,
  wider: object | undefined,
): unknown {
  source.throwIfAborted()
  const args = factsWith(source, wider)
  args.procedure = binding.called
  args.input = input
  args.errors = binding.errors
  if (binding.procedure.upload !== undefined) args.upload = host?.upload
  return binding.handler(args as Parameters<ErasedHandler>[0])
}

/**
 * Converts the result of a handler to the answer of its call.
 *
 * @throws RpcError INTERNAL for an impossible result
 */
export function answerOf(binding: HandlerBinding, output: unknown, host: HandlerHost | undefined): unknown {
  const { called, procedure } = binding
  if (!hasItems(called.callKind)) {
    if (procedure.output === undefined && isGenerator(output)) throw neverRuns(called.fullName)
    return output
  }
  if (!isAsyncIterable(output)) {
    throw new RpcError(
      'INTERNAL',
      `the handler of ${called.fullName} did not return an AsyncIterable: its procedure declares \`items\`, so write \`async *\` and yield them`,
    )
  }
  return host === undefined ? output : itemsMadeIn(host.keepContext(), output)
}

/** Facts that are being completed. */
type Facts = {
  -readonly [Name in keyof Parameters<ErasedHandler>[0]]?: Parameters<ErasedHandler>[0][Name]
} & {
  context?: unknown
}

function factsWith(source: FactsSource, wider: object | undefined): Facts {
  const facts: Facts = source.handlerFacts()
  if (wider !== undefined) facts.context = wider
  return facts
}

function itemsMadeIn(enter: EnterContext, items: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = enter(() => iteratorOf(items))
      let asked: unknown
      return {
        next() {
          const next = enter(() => iterator.next())
          asked = next
          return next
        },
        async return() {
          // A producer without `return` stops after its current item.
          if (iterator.return === undefined) await asked
          return enter(() => iterator.return?.()) ?? { done: true, value: undefined }
        },
      }
    },
  }
}

function widen(facts: Facts, added: object, binding: HandlerBinding): object {
  if (!('context' in facts)) {
    throw new RpcError(
      'INTERNAL',
      `a middleware of ${binding.called.fullName} gave next() a context, but handlers of a client have none`,
    )
  }
  const { context } = facts
  if (isPlainObject(context)) return { ...context, ...added }
  throw new RpcError(
    'INTERNAL',
    `the context of ${binding.called.fullName} is not a plain object, so a middleware cannot add to it: make it a ` +
      'plain object that has the instance as a member',
  )
}

function isResult(value: unknown): value is MiddlewareResult<object> {
  return typeof value === 'object' && value !== null && 'output' in value
}

/** Without an output, the result of a handler is ignored: a generator would not run, and the call would succeed. */
function neverRuns(fullName: string): RpcError {
  return new RpcError(
    'INTERNAL',
    `the handler of ${fullName} returned a generator, but its procedure declares no \`items\`: leave out the \`*\``,
  )
}

function isGenerator(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function'
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
