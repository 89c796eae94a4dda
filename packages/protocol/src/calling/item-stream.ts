import { WaitingLine } from '@frameport/framing/checks'
import { asyncDispose } from '../checks/disposal.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { type Parsed, type ParseOptions, parseBody } from '../contract/parse-with.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { mayHaveRun } from '../may-have-run.ts'
import { RpcError } from '../rpc-error.ts'
import { type ArrivedItem, bodyOfItem, type CountedItem, copyOfItem } from '../session/common/arrived-item.ts'
import type { OutgoingCall } from '../session/common/call-types.ts'
import { endedWithSession, hasEndedWithSession } from '../session/common/ended-with-session.ts'
import type { Session } from '../session/common/session-types.ts'
import { CallRequest } from './call-request.ts'
import type { CallServices } from './call-services.ts'
import { cancelled, isAborted, throwIfAborted, unheardSignal } from './call-signal.ts'
import { explainedFailure, failureOfCall } from './failure-of-call.ts'
import type { InterceptedCall } from './interceptor.ts'
import { readTwice } from './read-twice.ts'
import { leaving, StreamAgain } from './stream-again.ts'
import { leftEarly, StreamStart } from './stream-start.ts'
import { StreamWindow, windowOf } from './stream-window.ts'
import { UnreadItems } from './unread-items.ts'
import { type Upload, uploadOf } from './upload.ts'
import { leaveSource } from './upload-source.ts'

type Result = IteratorResult<unknown, undefined>

const done: Result = { done: true, value: undefined }

/**
 * The items of one stream call. The call is made when the first item is requested, so that a stream without a reader
 * costs nothing. The window of the stream limits how far the server may be ahead of the reader; each half of it is
 * granted again once it has been read.
 */
export class ItemStream implements AsyncIterableIterator<unknown, undefined> {
  readonly #services: CallServices
  readonly #entry: ProcedureEntry
  readonly #intercepted: InterceptedCall
  readonly #parse: ParseOptions
  readonly #unread = new UnreadItems()
  #call: OutgoingCall | undefined
  #state: 'new' | 'open' | 'ended' | 'left' = 'new'
  /** The reason for its end, until it has been thrown. */
  #failure: RpcError | undefined
  #window: StreamWindow | undefined
  /** Present in a call with items in both directions. */
  #upload: Upload | undefined
  /** Whether an item or the end has arrived, or the server has reported the start. */
  #hasBegun = false
  /** The reason for its end, also after it has been thrown. */
  #failedWith: RpcError | undefined
  /** Created for callers that wait for the start. */
  #start: StreamStart | undefined
  #wake: (() => void) | undefined
  /** Whether its session was replaced and the call is being repeated. */
  #isMoving = false
  /** Created for a stream whose session has ended. */
  #again: StreamAgain | undefined
  /** The session on which the call was made last. */
  #session: Session | undefined
  /** The last item that arrived, for a stream that can continue after it. */
  #last: ArrivedItem | undefined
  /** Requests for items are answered one after the other. */
  readonly #asks = new WaitingLine()
  /** Whether a loop over it has started. */
  #isLooped = false

  constructor(services: CallServices, entry: ProcedureEntry, intercepted: InterceptedCall) {
    this.#services = services
    this.#entry = entry
    this.#intercepted = intercepted
    this.#parse = {
      what: `an item of ${entry.fullName}`,
      code: 'INTERNAL',
      maybeExecuted: mayHaveRun.answerUnusable,
      procedure: entry.fullName,
    }
  }

  [Symbol.asyncIterator](): this {
    if (this.#isLooped && this.#state === 'left') throw readTwice(this.#entry)
    this.#isLooped = true
    return this
  }

  /**
   * If an item is available, this function's promise is the only one.
   *
   * From here to the place that creates a failure, each async function awaits only the next: the engine then shows the
   * code that awaits the item in the stack of the failure.
   */
  async next(): Promise<Result> {
    const turn = this.#asks.enter()
    if (turn !== undefined) await turn
    try {
      if (this.#state === 'new') this.#open()
      this.#grant(this.#window?.asked())
      const arrived = this.#unread.shift() ?? (await this.#arrival())
      const taken = this.#taken(arrived)
      return 'then' in taken ? await taken : taken
    } finally {
      this.#asks.leave()
    }
  }

  /** Settles when the handler has started. Makes the call if nothing was read yet. */
  async started(): Promise<void> {
    this.#start ??= this.#askedStart()
    const failure = await this.#start.settled
    if (failure !== undefined) throw await failureOfCall(this.#services, this.#entry, failure)
  }

  #askedStart(): StreamStart {
    const start = new StreamStart()
    this.#start = start
    if (this.#hasBegun) this.#begins()
    else if (this.#state === 'new') this.#open()
    else if (this.#state === 'open') this.#call?.askStarted(() => this.#begins())
    else this.#neverBegins(this.#failedWith ?? leftEarly())
    return start
  }

  return(): Promise<Result> {
    this.#leave()
    return Promise.resolve(done)
  }

  /** The same as `return()`, for `await using`. */
  async [asyncDispose](): Promise<void> {
    this.#leave()
  }

  /** Returns the next item; undefined if there is none. A promise only if it must be waited for. */
  #arrival(): Promise<ArrivedItem | undefined> | undefined {
    return this.#state === 'open' ? this.#waited() : undefined
  }

  async #waited(): Promise<ArrivedItem | undefined> {
    let arrived: ArrivedItem | undefined
    while (arrived === undefined && this.#state === 'open') {
      this.#window?.starved()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      arrived = this.#unread.shift()
    }
    return arrived
  }

  #taken(arrived: ArrivedItem | undefined): Result | Promise<Result> {
    if (this.#state === 'left') return done
    // An abort takes effect at once: items that arrived before it are not delivered.
    if (this.#failure !== undefined && isAborted(this.#intercepted.signal)) return this.#end()
    if (arrived === undefined) return this.#end()
    this.#grant(this.#window?.taken(arrived.bytes))
    // The last item is decoded again if the stream continues after it, whatever its reader has done with it.
    const body = arrived === this.#last ? copyOfItem(arrived) : bodyOfItem(arrived)
    if (RpcError.is(body)) return this.#unreadable(body)
    const read = parseBody(this.#entry.procedure.items, body, this.#parse)
    if (!('then' in read) && read.ok) return { done: false, value: read.value }
    return this.#validated(read)
  }

  async #unreadable(error: RpcError): Promise<Result> {
    this.#leave(error)
    throw await failureOfCall(this.#services, this.#entry, error, this.#call?.deadlineAtMs)
  }

  #open(): void {
    const { signal } = this.#intercepted
    const { session, streamWindow } = this.#services
    this.#state = 'open'
    try {
      this.#upload = uploadOf(this.#services, this.#entry, this.#intercepted)
      throwIfAborted(signal)
      this.#window = new StreamWindow(windowOf(this.#intercepted, streamWindow, session.isMemoryScarce))
      this.#make(this.#intercepted, this.#window.size)
      if (this.#entry.procedure.resumeFrom !== undefined) this.#services.again?.streams.add(this)
    } catch (error) {
      this.#ended(error as RpcError)
      return
    }
    try {
      if (signal !== undefined) this.#services.signals.add(signal, this.#onAbort)
    } catch (cause) {
      this.#call?.cancel(unheardSignal(cause))
    }
  }

  /** @throws RpcError for a call that cannot be made */
  #make(call: InterceptedCall, initialCredit: Credit): void {
    const { session } = this.#services
    this.#session = session
    const asks = this.#start !== undefined && !this.#hasBegun
    const started = asks ? () => this.#begins() : undefined
    this.#call = session.call(
      new CallRequest(this.#services, session, this.#entry, call, initialCredit, started),
      {
        item: (body, bytes, heldBytes) => this.#arrived({ body, bytes, heldBytes }),
        longItem: (body, bytes, heldBytes) => this.#arrived({ body, bytes, heldBytes }),
        stopped: () => this.#upload?.end(),
        settled: (error) => this.#settled(session, error),
      },
    )
    this.#unread.countAt(this.#call)
    this.#window?.growsIn(this.#call)
    this.#upload?.start(this.#call, session)
  }

  readonly #onAbort = () => {
    const reason = cancelled(this.#intercepted.signal)
    if (this.#isMoving) this.#finish(reason)
    else this.#call?.cancel(reason)
  }

  #arrived(arrived: CountedItem): void {
    if (this.#state !== 'open') return
    this.#unread.push(arrived)
    if (this.#entry.procedure.resumeFrom !== undefined) this.#last = arrived
    this.#begins()
    this.#wake?.()
  }

  #begins(): void {
    this.#hasBegun = true
    this.#start?.begun()
  }

  #neverBegins(error: RpcError): void {
    this.#failedWith ??= error
    if (this.#hasBegun || this.#start === undefined) return
    this.#start.failed(error)
  }

  #settled(session: Session, error: RpcError | undefined): void {
    if (this.#isMoving) return // The stream has left this session.
    if (error === undefined) this.#services.again?.succeeded()
    else if (this.#state === 'open' && hasEndedWithSession(error) && this.#goesOn(session, error)) return
    this.#finish(error)
  }

  /** See `MovableStream`. */
  leave(session: Session): void {
    if (session !== this.#session || this.#isMoving) return
    const reason = endedWithSession(leaving())
    if (this.#goesOn(session, reason)) this.#call?.cancel(reason)
  }

  /** Whether the stream continues over the session that has replaced `session`. */
  #goesOn(session: Session, error: RpcError): boolean {
    const { again, session: current } = this.#services
    if (again === undefined || this.#upload?.canGoAgain === false) return false
    this.#again ??= new StreamAgain(again, this.#entry, this.#intercepted)
    const delayMs = this.#again.delayMs({
      error,
      session,
      current,
      deadlineAtMs: this.#call?.deadlineAtMs,
      last: this.#last,
      hasBegun: this.#hasBegun,
    })
    if (delayMs === undefined) return false
    this.#isMoving = true
    void this.#goOn(this.#again, delayMs, error)
    return true
  }

  async #goOn(again: StreamAgain, delayMs: number, error: RpcError): Promise<void> {
    try {
      const next = await again.next(delayMs)
      if (!this.#isMoving) return
      this.#isMoving = false
      if (next === undefined || this.#window === undefined) throw error
      this.#upload = this.#upload?.again()
      this.#make(next, this.#window.again(this.#unread.size))
    } catch (failure) {
      if (this.#state === 'open') this.#finish(failure as RpcError)
    }
  }

  #finish(error: RpcError | undefined): void {
    const { signal } = this.#intercepted
    this.#stopMoving()
    this.#services.again?.streams.delete(this)
    this.#ended(error === undefined ? undefined : (this.#again?.ofAll(error) ?? error))
    // Last, because it is user code, and its error must not keep the stream open.
    if (signal !== undefined) this.#services.signals.remove(signal, this.#onAbort)
  }

  #stopMoving(): void {
    this.#isMoving = false
    this.#again?.end()
  }

  #ended(error: RpcError | undefined): void {
    this.#upload?.end()
    if (this.#state !== 'open') return
    this.#state = 'ended'
    this.#failure = error
    this.#unread.end()
    if (error === undefined) this.#begins()
    else this.#neverBegins(error)
    this.#wake?.()
  }

  async #end(): Promise<Result> {
    const failure = this.#failure
    this.#leave()
    if (failure === undefined) return done
    this.#failure = undefined
    throw await failureOfCall(this.#services, this.#entry, failure, this.#call?.deadlineAtMs)
  }

  #grant(credit: Credit | undefined): void {
    if (credit !== undefined && this.#state === 'open') this.#call?.grant(credit)
  }

  async #validated(read: Parsed<unknown>): Promise<Result> {
    const parsed = await read
    if (this.#state === 'left') return done
    if (parsed.ok) return { done: false, value: parsed.value }
    this.#leave()
    throw await explainedFailure(this.#services, this.#entry, parsed.error, this.#call?.deadlineAtMs)
  }

  /** The stream is no longer read: cancels the call, and drops items that have arrived. */
  #leave(reason?: RpcError): void {
    if (this.#state === 'new') leaveSource(this.#intercepted.upload)
    this.#state = 'left'
    if (this.#start !== undefined) this.#neverBegins(reason ?? leftEarly())
    this.#unread.clear()
    if (this.#isMoving) this.#finish(reason)
    else this.#call?.cancel(reason)
    this.#wake?.()
  }
}
