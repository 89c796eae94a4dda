import { Fifo, WaitingLine } from '@frameport/framing/checks'
import { asyncDispose } from '../checks/disposal.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { type Parsed, type ParseOptions, type ParseResult, parseBody } from '../contract/parse-with.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { GrowingWindow } from '../growing-window.ts'
import { asMayHaveRun, mayHaveRun } from '../may-have-run.ts'
import { RpcError } from '../rpc-error.ts'
import { type ArrivedItem, bodyOfItem } from '../session/common/arrived-item.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { Upload } from './handler-types.ts'
import type { UploadWindows } from './upload-windows.ts'

type Result = IteratorResult<unknown, undefined>

const done: Result = { done: true, value: undefined }

/**
 * The items that a caller sends with its call, for its handler. The window limits how far the caller may be ahead.
 * It is created before the session continues, so that no item is missed.
 */
export class UploadItems implements Upload<unknown> {
  readonly #call: IncomingCall
  readonly #entry: ProcedureEntry
  readonly #window: GrowingWindow
  readonly #parse: ParseOptions
  readonly #arrivals = new Fifo<ArrivedItem>()
  #hasEnded = false
  /** Whether the handler accepts no more items. */
  #isLeft = false
  /** Whether the reader has received the end. */
  #isDone = false
  #isOpen = false
  #items = 0
  #bytes = 0
  #wake: (() => void) | undefined
  /** Requests for items are answered one after the other. */
  readonly #asks = new WaitingLine()
  readonly #onAbort = () => this.#wake?.()

  constructor(call: IncomingCall, entry: ProcedureEntry, { window, itemsMax, announced }: UploadWindows) {
    this.#call = call
    this.#entry = entry
    // Credit beyond the initial one is granted when the handler reads.
    this.#window = new GrowingWindow({ first: window, itemsMax }, announced)
    this.#parse = {
      what: `an item of the upload of ${entry.fullName}`,
      maybeExecuted: mayHaveRun.itemUnusable,
    }
    if (call.upload !== undefined) this.#window.growsIn(call.upload)
    call.upload?.receive({
      item: (body, bytes) => this.#arrived({ body, bytes }),
      longItem: (body, bytes) => this.#arrived({ body, bytes }),
      end: () => {
        this.#hasEnded = true
        this.#wake?.()
      },
    })
  }

  get items(): number {
    return this.#items
  }

  get bytes(): number {
    return this.#bytes
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** If an item is available, this function's promise is the only one. */
  async next(): Promise<Result> {
    const turn = this.#asks.enter()
    if (turn !== undefined) await turn
    try {
      if (!this.#isOpen && !this.#isLeft) this.#open()
      for (;;) {
        const { signal } = this.#call
        // A handler that reads after the call has ended must not mistake the missing rest for the end of the upload.
        if (!this.#isDone) signal.throwIfAborted()
        if (this.#isLeft) return done
        const arrived = this.#arrivals.shift()
        if (arrived !== undefined) {
          const { bytes } = arrived
          const read = this.#read(arrived)
          return this.#given('then' in read ? await read : read, bytes)
        }
        if (this.#hasEnded) return this.#finish()
        this.#window.starved()
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      this.#asks.leave()
    }
  }

  stop(): void {
    this.#isLeft = true
    this.#close()
    this.#call.upload?.stop()
    this.#wake?.()
  }

  return(): Promise<Result> {
    this.stop()
    return Promise.resolve(done)
  }

  async [asyncDispose](): Promise<void> {
    this.stop()
  }

  #open(): void {
    this.#isOpen = true
    this.#call.signal.addEventListener('abort', this.#onAbort, { once: true })
    this.#grant(this.#window.grant())
  }

  #finish(): Result {
    this.#isLeft = true
    this.#isDone = true
    this.#close()
    return done
  }

  /** @throws RpcError for an item that cannot be decoded */
  #read(arrived: ArrivedItem): Parsed<unknown> {
    const { bytes } = arrived
    this.#call.upload?.taken()
    this.#grant(this.#window.read(1, bytes))
    const body = bodyOfItem(arrived)
    if (RpcError.is(body)) throw asMayHaveRun(body, mayHaveRun.itemUnusable)
    return parseBody(this.#entry.procedure.upload, body, this.#parse)
  }

  /** @throws RpcError for an item that does not match its schema */
  #given(parsed: ParseResult<unknown>, bytes: number): Result {
    if (!parsed.ok) throw parsed.error
    this.#items += 1
    this.#bytes += bytes
    return { done: false, value: parsed.value }
  }

  #grant(credit: Credit | undefined): void {
    if (credit !== undefined) this.#call.upload?.grant(credit)
  }

  #arrived(arrived: ArrivedItem): void {
    this.#arrivals.push(arrived)
    this.#wake?.()
  }

  #close(): void {
    this.#call.signal.removeEventListener('abort', this.#onAbort)
    this.#arrivals.clear()
  }
}
