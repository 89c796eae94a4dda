import { iteratorOf } from '../checks/iterator-of.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { toBody } from '../contract/to-body.ts'
import type { Body } from '../envelope/codec.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import { reasonOf } from './call-failure.ts'
import { asOutput, checkedOutput, outputOf } from './checked-output.ts'

/** How a producer ended. */
export type PumpOutcome =
  /** It has no more items. */
  | { readonly kind: 'completed' }
  /** It threw. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It was abandoned: `left` settles, and never rejects, once it has stopped. */
  | { readonly kind: 'left'; readonly error: unknown; readonly left: Promise<void> }

export interface PumpOptions {
  readonly validate: boolean
  readonly onReturnFailed: (error: unknown) => void
  /** Called with each sent item, as the producer yielded it. */
  readonly onItem?: ((item: unknown) => void) | undefined
}

/**
 * Sends the items of a stream. The producer is asked for the next item only when the caller has granted it and the
 * connection is below its watermark, so a slow reader makes the producer wait.
 *
 * When the call is aborted, `return()` of the producer is called and not awaited, because a generator that waits for
 * ever never runs it. Rejects only if the source of the items cannot be iterated.
 */
export async function pumpItems(
  call: IncomingCall,
  entry: ProcedureEntry,
  items: AsyncIterable<unknown>,
  options: PumpOptions,
): Promise<PumpOutcome> {
  const iterator = iteratorOf(items)
  return new Promise((settle) => void new Pump(call, entry, iterator, options, settle).run())
}

/**
 * - `sending`: it has an item, or waits for room
 * - `asking`: inside `next()` of the producer
 * - `waiting`: for the next item of the producer
 * - `over`: it has reported the outcome
 */
type Phase = 'sending' | 'asking' | 'waiting' | 'over'

/**
 * One producer. Its loop only awaits the results of the producer: a race with the signal for each item took more than
 * half of the cost of an item. An abort reports the outcome in place of the loop, which notices it when the producer
 * continues, if it ever does.
 */
class Pump {
  readonly #call: IncomingCall
  readonly #entry: ProcedureEntry
  readonly #iterator: AsyncIterator<unknown>
  readonly #options: PumpOptions
  readonly #settle: (outcome: PumpOutcome) => void
  #phase: Phase = 'sending'
  /** The last request to the producer. */
  #asked: Promise<IteratorResult<unknown>> | undefined

  constructor(
    call: IncomingCall,
    entry: ProcedureEntry,
    iterator: AsyncIterator<unknown>,
    options: PumpOptions,
    settle: (outcome: PumpOutcome) => void,
  ) {
    this.#call = call
    this.#entry = entry
    this.#iterator = iterator
    this.#options = options
    this.#settle = settle
    call.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const [call, iterator] = [this.#call, this.#iterator]
    const { validate, onItem } = this.#options
    const schema = this.#entry.procedure.items
    const asItem = asOutput(`an item of ${this.#entry.fullName}`)
    try {
      for (;;) {
        if (!call.canSendItem) await call.ready()
        this.#phase = 'asking'
        const asked = iterator.next()
        this.#asked = asked
        call.handlerStarted() // The first time counts.
        this.#phase = 'waiting'
        if (call.isAborted) this.#onAbort() // The producer itself has brought it about.
        const next = await asked
        if (this.#isOver) return
        this.#phase = 'sending'
        if (next.done === true) return this.#end({ kind: 'completed' })
        const checked =
          validate && schema !== undefined ? checkedOutput(schema, next.value, asItem) : undefined
        const item =
          checked === undefined ? next.value : outputOf('then' in checked ? await checked : checked)
        // Streams that waited for the same room are released together, and the first ones may have used it up.
        while (!call.canSendItem) await call.ready()
        sendItem(call, toBody(schema, item))
        onItem?.(next.value)
      }
    } catch (error) {
      if (this.#isOver) return
      const isOfProducer = this.#phase !== 'sending' && !call.isAborted
      if (isOfProducer) this.#end({ kind: 'failed', error })
      else this.#leave(error)
    }
  }

  get #isOver(): boolean {
    return this.#phase === 'over'
  }

  /** Code inside the producer, or code that sends, notices it later. */
  readonly #onAbort = () => {
    if (this.#phase === 'waiting') this.#leave(this.#call.signal.reason)
  }

  #leave(error: unknown): void {
    const left = leave(this.#iterator, this.#asked, this.#options.onReturnFailed)
    this.#end({ kind: 'left', error, left })
  }

  #end(outcome: PumpOutcome): void {
    this.#phase = 'over'
    this.#call.signal.removeEventListener('abort', this.#onAbort)
    this.#settle(outcome)
  }
}

/**
 * @throws ProtocolError for an item that cannot be encoded: a defect of this side, whose text the caller does not get
 */
function sendItem(call: IncomingCall, body: Body): void {
  try {
    call.sendItem(body)
  } catch (error) {
    throw reasonOf(error)
  }
}

/**
 * Settles, and never rejects, when the producer has stopped. A producer without `return` stops after its current item.
 */
async function leave(
  iterator: AsyncIterator<unknown>,
  asked: Promise<unknown> | undefined,
  onReturnFailed: (error: unknown) => void,
): Promise<void> {
  try {
    await (iterator.return === undefined ? asked : iterator.return())
  } catch (error) {
    onReturnFailed(error)
  }
}
