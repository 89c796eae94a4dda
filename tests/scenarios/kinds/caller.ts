import type { CallOptions } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { hasItems, hasUpload } from '@frameport/protocol/contract'
import type { Kind } from './contract.ts'

/** The functions of a caller, one for each kind of call. */
export interface Calls {
  readonly ask: (input: string, options: CallOptions) => Promise<unknown>
  readonly watch: (input: string, options: CallOptions) => AsyncIterator<string, undefined>
  readonly fill: (input: string, source: Source, options: CallOptions) => Promise<unknown>
  readonly talk: (input: string, source: Source, options: CallOptions) => AsyncIterator<string, undefined>
  readonly tell: (input: string, options: CallOptions) => Promise<unknown>
}

/** The result of a call at its caller. */
export type Outcome =
  | { readonly answer: unknown; readonly error?: undefined }
  | { readonly error: RpcError; readonly answer?: undefined }

/** The items of a caller, which arrive when the test says so. It is read once and ended once. */
export class Source implements AsyncIterableIterator<string, undefined> {
  /** All items that the test has added. */
  readonly pushed: string[] = []
  /** The number of items that were read. */
  given = 0
  /** How often the reader ended it, and how often it ended or failed by itself. */
  readonly ends = { returned: 0, finished: 0, failed: 0 }
  readonly #items: string[] = []
  #isEnded = false
  #failure: Error | undefined
  #wake: () => void = () => undefined

  push(count: number): void {
    for (let left = count; left > 0; left--) this.pushText(`item ${this.pushed.length} of the caller`)
  }

  pushText(item: string): void {
    this.pushed.push(item)
    this.#items.push(item)
    this.#wake()
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  fail(error: Error): void {
    this.#failure = error
    this.#wake()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      if (this.#failure !== undefined) {
        this.ends.failed += 1
        throw this.#failure
      }
      const item = this.#items.shift()
      if (item !== undefined) {
        this.given += 1
        return { done: false, value: item }
      }
      if (this.ends.returned > 0) return { done: true, value: undefined }
      if (this.#isEnded) {
        this.ends.finished += 1
        return { done: true, value: undefined }
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    this.ends.returned += 1
    this.#wake()
    return { done: true, value: undefined }
  }
}

export interface MadeCallOptions extends CallOptions {
  readonly input?: string
}

interface Given {
  readonly input: string
  readonly source: Source
  readonly options: CallOptions
}

/** One call at its caller. */
export class MadeCall {
  readonly kind: Kind
  /** Absent if the caller sends no items. */
  readonly source: Source | undefined
  /** The items of the callee that were read. */
  readonly read: string[] = []
  readonly #controller = new AbortController()
  readonly #promise: Promise<Outcome> | undefined
  readonly #stream: AsyncIterator<string, undefined> | undefined
  /** The first item is requested when the call is made. */
  #asked: Promise<IteratorResult<string, undefined>> | undefined

  /** @param input the text by which the callee recognises the call */
  constructor(kind: Kind, calls: Calls, { input = kind, ...options }: MadeCallOptions = {}) {
    const all = { ...options, signal: this.#controller.signal }
    this.kind = kind
    this.source = hasUpload(kind) ? new Source() : undefined
    const made = makeCall(kind, calls, { input, source: this.source ?? new Source(), options: all })
    if ('next' in made) {
      this.#stream = made
      this.#asked = made.next()
      this.#asked.catch(() => undefined) // Whoever reads gets the rejection.
    } else this.#promise = outcomeOf(made)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  cancel(): void {
    this.#controller.abort(new Error('the test has enough'))
  }

  /** Leaves the loop over the items. */
  async leave(): Promise<void> {
    await this.#stream?.return?.()
  }

  /** Reads this many further items. */
  async take(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      const { done, value } = await this.#next()
      if (done === true) throw new Error(`the items ended after ${this.read.length}`)
      this.read.push(value)
    }
  }

  /** The result of the call. All items before it are read. */
  outcome(): Promise<Outcome> {
    return this.#promise ?? outcomeOf(this.#readAll())
  }

  async #readAll(): Promise<string> {
    for (;;) {
      const { done, value } = await this.#next()
      if (done === true) return 'the answer'
      this.read.push(value)
    }
  }

  #next(): Promise<IteratorResult<string, undefined>> {
    const asked = this.#asked ?? this.#stream!.next()
    this.#asked = undefined
    return asked
  }
}

function makeCall(kind: Kind, calls: Calls, { input, source, options }: Given) {
  if (hasUpload(kind))
    return hasItems(kind) ? calls.talk(input, source, options) : calls.fill(input, source, options)
  if (hasItems(kind)) return calls.watch(input, options)
  return kind === 'one-way' ? calls.tell(input, options) : calls.ask(input, options)
}

/** @throws an error that is not an RpcError, because no call may fail with one */
function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  return promise.then(
    (answer) => ({ answer }),
    (error: unknown) => {
      if (RpcError.is(error)) return { error }
      throw error
    },
  )
}
