import type { RpcError } from '@frameport/protocol'

/** What a handler does next. */
type Order =
  | { readonly do: 'take'; readonly count: number }
  | { readonly do: 'take all' }
  | { readonly do: 'stop' }
  | { readonly do: 'give'; readonly item: string }
  | { readonly do: 'answer'; readonly text: string }
  | { readonly do: 'fail'; readonly error: unknown }

/** One call at its callee: its handler does what the test orders, in order, and stops when its signal is aborted. */
export class HandledCall {
  readonly input: string
  readonly signal: AbortSignal
  hasStopped = false
  /** The items that it was told to give. */
  readonly given: string[] = []
  /** How many of these it was asked for. */
  made = 0
  /** The items of the caller that it has read. */
  readonly taken: string[] = []
  /** It has read to the end of them. */
  hasTakenAll = false
  /** Runs once, when the answer was given to the connection and before anything else comes from there. */
  onAnswered: () => void = () => undefined
  readonly #orders: Order[] = []
  #wake: () => void = () => undefined

  constructor(input: string, signal: AbortSignal) {
    this.input = input
    this.signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
  }

  /** The code of what its signal was aborted with. */
  get abortedWith(): string | undefined {
    return this.signal.aborted ? (this.signal.reason as RpcError).code : undefined
  }

  take(count: number): void {
    this.#order({ do: 'take', count })
  }

  takeAll(): void {
    this.#order({ do: 'take all' })
  }

  /** Takes no more items, and goes on. */
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

  /** What its handler is. Yields the items for its caller, and returns the answer. */
  async *perform(upload?: AsyncIterator<string>): AsyncGenerator<string, string> {
    try {
      for (;;) {
        const order = await this.#nextOrder()
        if (order.do === 'answer') {
          // Behind all microtasks, by which the answer goes out, and before the event loop goes on.
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

/** The side that answers, and two doors in front of its handlers. */
export class Callee {
  /** In the order in which their handlers were called. */
  readonly calls: HandledCall[] = []
  /** How often a handshake, or the input of a call, was asked about at its door: zod asks twice. */
  readonly came = { greeting: 0, call: 0 }
  readonly #doors = { greeting: door(), call: door() }

  /** What comes there from now on waits. */
  close(which: Door): void {
    this.#doors[which].close()
  }

  open(which: Door): void {
    this.#doors[which].open()
  }

  /** Settles when what has come may go on. */
  passes(which: Door): Promise<void> {
    this.came[which] += 1
    return this.#doors[which].passed()
  }

  /** A handler was called. */
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
