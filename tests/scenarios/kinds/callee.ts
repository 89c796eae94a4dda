import type { RpcError } from '@frameport/protocol'

/** The next action of a handler. */
type Order =
  | { readonly do: 'take'; readonly count: number }
  | { readonly do: 'take all' }
  | { readonly do: 'stop' }
  | { readonly do: 'give'; readonly item: string }
  | { readonly do: 'answer'; readonly text: string }
  | { readonly do: 'fail'; readonly error: unknown }

/**
 * One call at its callee. Its handler performs the actions of the test in order, and stops when its signal is aborted.
 */
export class HandledCall {
  readonly input: string
  readonly signal: AbortSignal
  hasStopped = false
  /** The items that the handler must send. */
  readonly given: string[] = []
  /** The number of those items that were requested. */
  made = 0
  /** The items of the caller that the handler has read. */
  readonly taken: string[] = []
  /** Whether the handler has read all items of the caller. */
  hasTakenAll = false
  /** Runs once, after the answer was passed to the connection and before anything else arrives from there. */
  onAnswered: () => void = () => undefined
  readonly #orders: Order[] = []
  #wake: () => void = () => undefined

  constructor(input: string, signal: AbortSignal) {
    this.input = input
    this.signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
  }

  /** The code of the reason with which its signal was aborted. */
  get abortedWith(): string | undefined {
    return this.signal.aborted ? (this.signal.reason as RpcError).code : undefined
  }

  take(count: number): void {
    this.#order({ do: 'take', count })
  }

  takeAll(): void {
    this.#order({ do: 'take all' })
  }

  /** Stops reading items, and continues. */
  stop(): void {
    this.#order({ do: 'stop' })
  }

  give(count: number): void {
    for (let left = count; left > 0; left--) this.giveText(`item ${this.given.length} of the callee`)
  }

  giveText(item: string): void {
    this.given.push(item)
    this.#order({ do: 'give', item })
  }

  answer(text = 'the answer'): void {
    this.#order({ do: 'answer', text })
  }

  fail(error: unknown): void {
    this.#order({ do: 'fail', error })
  }

  /** The body of the handler. It yields the items for the caller, and returns the answer. */
  async *perform(upload?: AsyncIterator<string>): AsyncGenerator<string, string> {
    try {
      for (;;) {
        const order = await this.#nextOrder()
        if (order.do === 'answer') {
          // After all microtasks, in which the answer is sent, and before the event loop continues.
          process.nextTick(() => this.onAnswered())
          return order.text
        }
        if (order.do === 'fail') throw order.error
        if (order.do === 'give') {
          this.made += 1
          yield order.item
        } else if (upload !== undefined) await this.#read(upload, order)
      }
    } finally {
      this.hasStopped = true
    }
  }

  async #read(upload: AsyncIterator<string>, order: Order): Promise<void> {
    if (order.do === 'stop') {
      await upload.return?.()
      return
    }
    for (let left = order.do === 'take' ? order.count : Number.POSITIVE_INFINITY; left > 0; left--) {
      const read = await upload.next()
      if (read.done === true) {
        this.hasTakenAll = true
        return
      }
      this.taken.push(read.value)
    }
  }

  #order(order: Order): void {
    this.#orders.push(order)
    this.#wake()
  }

  async #nextOrder(): Promise<Order> {
    for (;;) {
      this.signal.throwIfAborted()
      const order = this.#orders.shift()
      if (order !== undefined) return order
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** The side that answers, with two doors in front of its handlers. */
export class Callee {
  /** The calls in the order in which their handlers were called. */
  readonly calls: HandledCall[] = []
  /** The number of handshakes and inputs that arrived at their doors. zod validates an input twice. */
  readonly came = { greeting: 0, call: 0 }
  readonly #doors = { greeting: door(), call: door() }

  /** Everything that arrives at this door from now on waits. */
  close(which: Door): void {
    this.#doors[which].close()
  }

  open(which: Door): void {
    this.#doors[which].open()
  }

  /** Settles when the door is open. */
  passes(which: Door): Promise<void> {
    this.came[which] += 1
    return this.#doors[which].passed()
  }

  /** Records that a handler was called. */
  handles(input: string, signal: AbortSignal): HandledCall {
    const call = new HandledCall(input, signal)
    this.calls.push(call)
    return call
  }
}

type Door = 'greeting' | 'call'

function door() {
  let passed = Promise.resolve()
  let open = () => {}
  return {
    passed: () => passed,
    open: () => open(),
    close() {
      passed = new Promise((resolve) => {
        open = resolve
      })
    },
  }
}
