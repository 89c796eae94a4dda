import type { Body } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/rpc-error.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { bytesOfBody, drawBody, scribble, textOfBody } from './bodies.ts'
import { hasUpload, type Role, wantsItems } from './model/trace.ts'
import type { Run } from './run.ts'
import { UploadReader } from './upload-reader.ts'

/** The error that handlers throw on purpose. */
export const planned = new Error('a handler that fails on purpose')

const unsendable: Body = { kind: 'value', value: 1n }

/** The handler of one call. It answers on request or by itself, and sometimes makes mistakes. */
export class Handler {
  readonly #run: Run
  readonly #side: Role
  readonly #call: IncomingCall
  readonly #tag: number
  /** The longest body that its caller accepts. */
  readonly #bodyBytesMax: number
  /** Absent in a call without an upload. */
  readonly reader: UploadReader | undefined
  hasAnswered = false
  #isWaiting = false

  constructor(
    run: Run,
    side: Role,
    call: IncomingCall,
    { tag, bodyBytesMax }: { readonly tag: number; readonly bodyBytesMax: number },
  ) {
    this.#run = run
    this.#side = side
    this.#call = call
    this.#tag = tag
    this.#bodyBytesMax = bodyBytesMax
    const { upload } = call
    this.reader = upload && new UploadReader(run, side, upload, this.#tag, () => this.answer())
  }

  /** @throws {@link planned}, or returns a promise that rejects with it */
  begin(): unknown {
    const { draw } = this.#run
    const { kind, input, signal } = this.#call
    const { isStream } = this
    this.#run.see(this.#side, { what: 'handler', tag: this.#tag, input: textOfBody(input), kind })
    this.reader?.begin()
    const listens = draw.chance(0.6)
    signal.addEventListener('abort', () => {
      this.#run.see(this.#side, { what: 'handlerAborted', tag: this.#tag })
      if (listens && !this.hasAnswered) this.answer()
    })
    if (isStream && draw.chance(0.7)) {
      this.#run.see(this.#side, { what: 'handlerStarted', tag: this.#tag })
      this.#call.handlerStarted()
    }
    if (this.#run.isCalm) return undefined
    switch (draw.weighted({ later: 5, now: 3, items: 5, throws: 0.3, rejects: 0.3 })) {
      case 'now':
        this.answer()
        return undefined
      case 'items':
        if (isStream) void this.#sendItems(draw.int(0, 8))
        return undefined
      case 'throws':
        this.#fails()
        throw planned
      case 'rejects':
        this.#fails()
        return Promise.reject(planned)
      default:
        return undefined
    }
  }

  /** Whether it still waits although it may send an item. */
  get waitsForNothing(): boolean {
    return this.#isWaiting && this.#call.canSendItem
  }

  get tag(): number {
    return this.#tag
  }

  /** Answers, in most cases in the way that the caller expects. A second answer has no effect. */
  answer(): void {
    const { draw } = this.#run
    const { isStream } = this
    const how = draw.weighted({
      respond: isStream ? 0.3 : 8,
      end: isStream ? 8 : 0.3,
      fail: 2,
      unsendable: isStream ? 0 : 0.3,
    })
    if (how === 'end') this.end()
    else if (how === 'fail') this.#fail()
    else this.respond(how === 'unsendable' ? unsendable : this.#body(1.1))
  }

  respond(body: Body): void {
    this.hasAnswered = true
    const text = body === unsendable ? '0:unsendable' : textOfBody(body)
    this.#run.see(this.#side, { what: 'answer', tag: this.#tag, answer: { how: 'respond', body: text } })
    this.#call.respond(body)
  }

  /** Whether its caller wants items. */
  get isStream(): boolean {
    return wantsItems(this.#call.kind)
  }

  /** Whether its caller may still send items. */
  get isReading(): boolean {
    return hasUpload(this.#call.kind) && this.reader?.hasEnded === false && !this.hasAnswered
  }

  end(): void {
    this.hasAnswered = true
    this.#run.see(this.#side, { what: 'answer', tag: this.#tag, answer: { how: 'end' } })
    this.#call.end()
  }

  /** Sends an item, whether or not it has credit. */
  sendItem(): void {
    const body = this.#body(1.05)
    const text = textOfBody(body)
    const bytes = bytesOfBody(body)
    try {
      this.#call.sendItem(body)
      scribble(body)
    } catch (error) {
      if (!RpcError.is(error)) this.#run.defect ??= error
      return
    }
    this.#run.see(this.#side, {
      what: 'sendItem',
      tag: this.#tag,
      body: text,
      bytes,
    })
  }

  async #sendItems(count: number): Promise<void> {
    try {
      for (let sent = 0; sent < count; sent++) {
        this.#isWaiting = true
        if (!this.#call.canSendItem) await this.#call.ready()
        this.#isWaiting = false
        if (this.hasAnswered) return
        this.sendItem()
      }
    } catch (error) {
      this.#isWaiting = false
      if (!RpcError.is(error)) this.#run.defect ??= error
    }
    if (!this.hasAnswered && this.#run.draw.chance(0.7)) this.answer()
  }

  #fail(): void {
    const { draw } = this.#run
    this.hasAnswered = true
    const number = this.#run.next()
    const fault = { code: `MINE_${number}`, maybeExecuted: draw.chance(0.5) }
    this.#run.see(this.#side, { what: 'answer', tag: this.#tag, answer: { how: 'fail', fault } })
    const data = draw.chance(0.3) ? 'd'.repeat(draw.int(0, 1.2 * this.#bodyBytesMax)) : undefined
    const { code, maybeExecuted } = fault
    this.#call.fail(new RpcError(code, 'as it was told', { maybeExecuted, data }))
  }

  #fails(): void {
    this.hasAnswered = true
    this.#run.see(this.#side, { what: 'handlerThrows', tag: this.#tag })
  }

  /** @param share of the longest body that the caller accepts; above 1, some bodies are too long */
  #body(share: number): Body {
    return drawBody(this.#run.draw, this.#run.next(), share * this.#bodyBytesMax)
  }
}
