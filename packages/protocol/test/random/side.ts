import type { FrameChannel } from '@frameport/framing'
import type { Body } from '../../src/envelope/index.ts'
import { RpcError, type SessionCloseReason } from '../../src/index.ts'
import {
  createSession,
  createSessionHost,
  type DroppedOneway,
  type IncomingCall,
  type OutgoingCall,
  type Session,
  type SessionEvent,
  type SessionHandlers,
  type SessionHost,
} from '../../src/session/index.ts'
import { bytesOfBody, drawBody, scribble, textOfBody } from './bodies.ts'
import { Handler, planned } from './handler.ts'
import {
  type Amount,
  type CallKind,
  type Fault,
  type Held,
  hasUpload,
  otherRole,
  type Role,
  wantsItems,
} from './model/trace.ts'
import type { Run } from './run.ts'
import { TappedChannel } from './tapped-channel.ts'
import { Uploader } from './uploader.ts'

/** A call that a side made. */
export interface Made {
  readonly tag: number
  readonly kind: CallKind
  call: OutgoingCall | undefined
  uploader: Uploader | undefined
  body: string | undefined
  isSettled: boolean
}

interface CallWish {
  readonly kind: CallKind
  readonly input: Body
  readonly deadlineMs?: number | undefined
}

/** One session of a run and the layer above it, which makes requests and reports all callbacks to the model. */
export class Side implements SessionHandlers {
  readonly role: Role
  readonly session: Session
  readonly host: SessionHost
  readonly made: Made[] = []
  readonly handlers: Handler[] = []
  channel: TappedChannel | undefined
  isClosed = false
  /** Accepts a hello that waits for its answer. */
  answerHello: () => void = () => undefined
  readonly #run: Run
  readonly #bodyBytesMaxOfPeer: number

  constructor(run: Run, role: Role) {
    this.role = role
    this.#run = run
    this.#bodyBytesMaxOfPeer = run.plan.limits[otherRole(role)].bodyBytesMax
    const limits = run.plan.limits[role]
    const environment = run.clock
    this.host = createSessionHost({ environment, turnMs: 10, memoryBytesMax: 2 ** 30 })
    this.session = createSession({
      role,
      environment,
      handlers: this,
      contracts: [],
      limits,
      host: this.host,
    })
  }

  attach(channel: FrameChannel): void {
    this.channel = new TappedChannel(channel, (seen) => this.#run.see(this.role, seen))
    this.session.attach(this.channel)
  }

  // Callbacks of the session.

  hello(): Promise<object> {
    const { greeting } = this.#run.plan
    if (greeting === 'at once' || (greeting === 'late' && this.#run.isCalm)) return Promise.resolve({})
    if (greeting === 'late') {
      return new Promise((resolve) => {
        this.answerHello = () => resolve({})
      })
    }
    this.#run.see(this.role, { what: 'refuseHello' })
    return Promise.reject(greeting === 'refused' ? new RpcError('UNAUTHENTICATED', 'no') : planned)
  }

  opened(): void {
    this.#run.see(this.role, { what: 'opened' })
    this.#reenter()
  }

  call(incoming: IncomingCall): unknown {
    const handler = new Handler(this.#run, this.role, incoming, {
      tag: tagOf(incoming.procedure),
      bodyBytesMax: this.#bodyBytesMaxOfPeer,
    })
    this.handlers.push(handler)
    const returned = handler.begin()
    this.#reenter()
    return returned
  }

  event({ topic, body }: SessionEvent): void {
    this.#run.see(this.role, { what: 'event', number: Number(topic), body: textOfBody(body) })
  }

  onewayDropped({ procedure }: DroppedOneway): void {
    this.#run.see(this.role, { what: 'dropped', tag: tagOf(procedure) })
    this.#reenter()
  }

  goaway(): void {
    this.#run.see(this.role, { what: 'goaway' })
    this.#reenter()
  }

  closed({ code }: SessionCloseReason): void {
    this.#run.see(this.role, { what: 'closed', code })
    this.isClosed = true
    this.#reenter()
  }

  uncaught(error: unknown): void {
    if (error !== planned) this.#run.defect ??= error
  }

  // Requests to the session.

  makeCall({ kind, input, deadlineMs }: CallWish): Made {
    const { draw } = this.#run
    const tag = this.#run.next()
    const isStream = wantsItems(kind)
    const credit = isStream ? this.#credit() : undefined
    const metadata = this.#metadata()
    const asksStarted = isStream && draw.chance(0.3)
    const made: Made = {
      tag,
      kind,
      call: undefined,
      uploader: undefined,
      body: undefined,
      isSettled: false,
    }
    const entries = Object.entries(metadata)
    this.#run.see(this.role, {
      what: 'call',
      tag,
      kind,
      input: textOfBody(input),
      inputBytes: bytesOfBody(input),
      metadata: { entries: entries.length, bytes: entries.flat().join('').length },
      deadlineMs,
      credit,
      asksStarted,
    })
    const options = { procedure: `random@1/c${tag}`, input, metadata }
    made.call = this.session.call(
      {
        ...options,
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        upload: hasUpload(kind),
        isOneway: kind === 'one-way',
        ...(credit === undefined ? {} : { initialCredit: credit }),
        ...(asksStarted ? { started: () => this.#started(tag) } : {}),
      },
      {
        item: (body, bytes) => {
          this.#run.see(this.role, { what: 'item', tag, body: textOfBody(body), bytes })
          if (draw.chance(0.3)) this.grant(made)
          this.#reenter()
        },
        stopped: () => {
          this.#run.see(this.role, { what: 'stopped', tag })
          this.#reenter()
        },
        settled: (error, body) => {
          made.isSettled = true
          made.body = error === undefined ? textOfBody(body) : undefined
          const fault = error && { code: error.code, maybeExecuted: error.maybeExecuted }
          this.#run.see(this.role, { what: 'settled', tag, fault, body: textOfBody(body) })
          this.#reenter()
        },
      },
    )
    scribble(input)
    this.made.push(made)
    const { upload } = made.call
    if (upload !== undefined) {
      made.uploader = new Uploader(this.#run, this.role, upload, tag, this.#bodyBytesMaxOfPeer)
      made.uploader.begin()
    }
    return made
  }

  /** Makes a call that is drawn from the seed. */
  drawCall(): void {
    const { draw } = this.#run
    this.makeCall({
      kind: draw.weighted(this.#run.plan.kinds),
      input: drawBody(draw, this.#run.next(), this.#bodyBytesMaxOfPeer * 1.1),
      deadlineMs: draw.chance(0.5) ? undefined : draw.pick([0, 1, 10, 60, 400, 3_000]),
    })
  }

  cancel(made: Made): void {
    const { draw } = this.#run
    this.#cancel(made, draw.chance(0.8) ? undefined : { code: `GIVEN_UP_${made.tag}`, maybeExecuted: false })
  }

  /** One act of the source of an upload: it gives an item, ends or fails. */
  upload(made: Made): void {
    const { draw } = this.#run
    const act = draw.weighted({ item: 6, end: 2, fail: 0.5 })
    if (act === 'item') made.uploader?.giveItem()
    else if (act === 'end') made.uploader?.end()
    else this.#cancel(made, { code: 'ABORTED', maybeExecuted: false })
  }

  #cancel(made: Made, fault: Fault | undefined): void {
    this.#run.see(this.role, { what: 'cancel', tag: made.tag, fault })
    made.call?.cancel(fault && new RpcError(fault.code, 'as it was told'))
  }

  grant(made: Made, credit = this.#credit()): void {
    this.#run.see(this.role, { what: 'grant', tag: made.tag, credit })
    made.call?.grant(credit)
    if (this.#run.draw.chance(0.3)) this.askStarted(made)
  }

  askStarted(made: Made): void {
    this.#run.see(this.role, { what: 'askStarted', tag: made.tag })
    made.call?.askStarted(() => this.#started(made.tag))
  }

  #started(tag: number): void {
    this.#run.see(this.role, { what: 'started', tag })
    this.#reenter()
  }

  emit(): void {
    const number = this.#run.next()
    const body = drawBody(this.#run.draw, number, this.#bodyBytesMaxOfPeer)
    this.#run.see(this.role, { what: 'emit', number, body: textOfBody(body) })
    try {
      this.session.emit({ event: 'random@1/e', topic: String(number), body })
      scribble(body)
    } catch (error) {
      // The event does not fit in one frame.
      if (!RpcError.is(error)) this.#run.defect ??= error
    }
  }

  close(graceMs?: number): void {
    this.#run.see(this.role, { what: 'close', graceMs })
    const closed = this.session.close(graceMs === undefined ? {} : { graceMs })
    closed.catch((error: unknown) => {
      this.#run.defect ??= error
    })
  }

  abort(): void {
    this.#run.see(this.role, { what: 'abort' })
    this.session.abort({ code: 'ABORTED', message: 'as it was told' })
  }

  get unsettled(): Made[] {
    return this.made.filter(({ isSettled }) => !isSettled)
  }

  get held(): Held {
    const { inputBytes, partialBytes, waitingBytes } = this.session.stats().memory
    return { inputBytes, partialBytes, waitingBytes }
  }

  get running(): Handler[] {
    return this.handlers.filter(({ hasAnswered }) => !hasAnswered)
  }

  /** Sometimes calls the session from inside one of its callbacks. */
  #reenter(): void {
    const { draw, plan, isCalm } = this.#run
    if (isCalm || !draw.chance(plan.reentrance)) return
    const act = draw.weighted({
      call: 4,
      cancel: 2,
      close: plan.acts.close > 0 ? 0.3 : 0,
      abort: plan.acts.abort > 0 ? 0.3 : 0,
    })
    const [made] = this.unsettled
    if (act === 'call') this.drawCall()
    else if (act === 'close') this.close()
    else if (act === 'abort') this.abort()
    else if (made?.call !== undefined) this.cancel(made)
  }

  #credit(): Amount {
    const { draw } = this.#run
    return { items: draw.pick([0, 1, 2, 10]), bytes: draw.pick([0, 50, 1_000, 100_000]) }
  }

  #metadata(): Record<string, string> {
    const { draw, isCalm } = this.#run
    if (isCalm || draw.chance(0.7)) return {}
    const pairs = draw.int(1, 4)
    return Object.fromEntries(
      Array.from({ length: pairs }, (_, index) => [`k${index}`, 'v'.repeat(draw.int(0, 15))]),
    )
  }
}

/** The tag of the call, from the name of its procedure. */
export function tagOf(procedure: string): number {
  return Number(procedure.slice('random@1/c'.length))
}
