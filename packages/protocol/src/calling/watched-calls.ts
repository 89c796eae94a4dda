import { hasItems } from '../contract/kind-of-call.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import { RpcError } from '../rpc-error.ts'
import type { WatchedOperations } from '../watched-operations.ts'
import type { CallWatch } from './call-functions.ts'
import type { InterceptedCall, Interceptor } from './interceptor.ts'

/** The message about a call that this side makes. All events of a call have the same object. */
export interface OutgoingCallMessage {
  /**
   * The metadata that are sent with the call. A subscriber of `start` may replace the object, for example to add a
   * `traceparent`.
   */
  metadata: Metadata
  /**
   * Undefined until the call has ended.
   *
   * - `completed`: the caller has the answer or the last item
   * - `failed`: the call has failed
   * - `left`: its signal was aborted, or its reader has left the stream
   */
  outcome: 'completed' | 'failed' | 'left' | undefined
  /** The number of items that were handed to the reader. */
  items: number
  /**
   * Milliseconds from the call of the function, or from the first read of a stream, to the end. Undefined until then.
   */
  durationMs: number | undefined
  /** The error that the caller gets; undefined if there is none. */
  error: unknown
}

/**
 * Publishes the calls that one side makes.
 *
 * @param messageOf makes the message of a call that is watched
 * @param nowMs the clock for `durationMs`, in milliseconds
 */
export function watchedCalls<Message extends OutgoingCallMessage>(
  operations: WatchedOperations<Message>,
  messageOf: (call: InterceptedCall) => Message,
  nowMs: () => number,
): CallWatch {
  const interceptor: Interceptor = (call, next) => {
    const message = messageOf(call)
    return operations.run(message, (ended) => watched(call, next, new Ending(call, message, nowMs, ended)))
  }
  return {
    get isWatched() {
      return operations.isWatched
    },
    interceptor,
  }
}

async function watched(
  call: InterceptedCall,
  next: (call: InterceptedCall) => Promise<unknown>,
  ending: Ending,
): Promise<unknown> {
  try {
    const { metadata } = ending.message
    const outcome = await next(metadata === call.metadata ? call : { ...call, metadata })
    if (hasItems(call.procedure.callKind) && isIterable(outcome)) return new WatchedItems(outcome, ending)
    ending.with('completed')
    return outcome
  } catch (error) {
    ending.failed(error)
    throw error
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** The end of one call, which is published once. */
class Ending {
  readonly message: OutgoingCallMessage
  readonly #call: InterceptedCall
  readonly #nowMs: () => number
  readonly #beganAtMs: number
  readonly #ended: (error?: unknown) => void

  constructor(
    call: InterceptedCall,
    message: OutgoingCallMessage,
    nowMs: () => number,
    ended: (error?: unknown) => void,
  ) {
    this.#call = call
    this.message = message
    this.#nowMs = nowMs
    this.#beganAtMs = nowMs()
    this.#ended = ended
  }

  failed(error: unknown): void {
    const isLeft = this.#call.signal?.aborted === true && RpcError.is(error) && error.code === 'CANCELLED'
    this.with(isLeft ? 'left' : 'failed', error)
  }

  with(outcome: NonNullable<OutgoingCallMessage['outcome']>, error?: unknown): void {
    if (this.message.outcome !== undefined) return
    this.message.outcome = outcome
    this.message.durationMs = this.#nowMs() - this.#beganAtMs
    this.#ended(error)
  }
}

/** The items of a stream. Not a generator, whose `return` would run no code before the first read. */
class WatchedItems implements AsyncIterableIterator<unknown, undefined> {
  readonly #items: AsyncIterator<unknown>
  readonly #ending: Ending

  constructor(items: AsyncIterable<unknown>, ending: Ending) {
    this.#items = items[Symbol.asyncIterator]()
    this.#ending = ending
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    try {
      const result = await this.#items.next()
      if (result.done === true) this.#ending.with('completed')
      else this.#ending.message.items += 1
      return result
    } catch (error) {
      this.#ending.failed(error)
      throw error
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#ending.with('left')
    await this.#items.return?.()
    return { done: true, value: undefined }
  }
}
