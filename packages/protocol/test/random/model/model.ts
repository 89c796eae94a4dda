import { CalleeRules } from './callee-rules.ts'
import { CallerRules } from './caller-rules.ts'
import { EndRules } from './end-rules.ts'
import { HalfBodies } from './half-bodies.ts'
import { told } from './told.ts'
import { type Entry, type Held, type ModelLimits, otherRole, type Role } from './trace.ts'
import { require, type SideRecord, Violation, World } from './world.ts'

interface Rules {
  readonly caller: CallerRules
  readonly callee: CalleeRules
}

/**
 * What two sessions may do, written from docs/wire-protocol.md and from the promises of the types of a session. It
 * shares no code with the session: it sees the requests to each side, the callbacks of each side, and the envelopes.
 */
export class Model {
  readonly #world: World
  readonly #ends: EndRules
  readonly #rules: Readonly<Record<Role, Rules>>
  /** The first rule that was broken. */
  violation: Violation | undefined

  constructor(limits: Readonly<Record<Role, ModelLimits>>) {
    this.#world = new World(limits)
    this.#ends = new EndRules(this.#world)
    this.#rules = { client: this.#rulesOf('client'), server: this.#rulesOf('server') }
  }

  /** The number of calls that have not settled. */
  get unsettled(): number {
    return this.#world.calls.filter((call) => !call.isSettled).length
  }

  /** Keeps the first violation and does not throw, because the reporter may be inside a callback of the session. */
  see(entry: Entry): void {
    if (this.violation !== undefined) return
    try {
      this.#ends.pass(entry.atMs)
      this.#see(entry)
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.violation = error
    }
  }

  #rulesOf(role: Role): Rules {
    const halves = new HalfBodies(this.#world.sides[role].limits)
    return {
      caller: new CallerRules(this.#world, role, halves),
      callee: new CalleeRules(this.#world, role, halves),
    }
  }

  #see(entry: Entry): void {
    const side = this.#world.sides[entry.side]
    const { caller, callee } = this.#rules[entry.side]
    switch (entry.what) {
      case 'call': {
        const call = this.#world.add(entry.side, entry.atMs, entry)
        call.isMadeAfterClosed = side.isClosed
        break
      }
      case 'grant':
        caller.grant(entry.tag, entry.credit)
        break
      case 'askStarted':
        caller.askStarted(entry.tag)
        break
      case 'handlerStarted':
        callee.handlerStarted(entry.tag, entry.atMs)
        break
      case 'cancel':
        caller.cancel(entry)
        break
      case 'answer':
        callee.answers(entry.tag, entry.answer, entry.atMs)
        break
      case 'sendItem':
        callee.sendsItem(entry.tag, entry.body, entry.bytes, entry.atMs)
        break
      case 'giveItem':
        caller.uploads.gives(entry.tag, entry.body, entry.bytes)
        break
      case 'endUpload':
        caller.uploads.ends(entry.tag)
        break
      case 'notWanted':
        caller.uploads.notWanted(entry.tag)
        break
      case 'receiveUpload':
        callee.uploads.receives(entry.tag)
        break
      case 'grantUpload':
        callee.uploads.grants(entry.tag, entry.credit)
        break
      case 'takeItem':
        callee.uploads.takes(entry.tag)
        break
      case 'stopUpload':
        callee.uploads.stops(entry.tag)
        break
      case 'handlerThrows':
        callee.threw(entry.tag, entry.atMs)
        break
      case 'emit':
        side.emitted.push(entry)
        break
      case 'close':
        this.#ends.close(side, entry.atMs, entry.graceMs)
        break
      case 'abort':
        this.#ends.abort(side, entry.atMs)
        break
      case 'refuseHello':
        side.refusedHello = true
        break
      case 'ends':
        side.isOver = true
        break
      case 'cut':
        side.wasCut = true
        break
      case 'sent':
        this.#sent(entry)
        break
      case 'received':
        if (!side.isOver) this.#received(entry)
        break
      case 'settled':
        this.#notClosed(entry)
        caller.settled(entry, entry.atMs)
        break
      case 'closed':
        this.#ends.closed(entry.side, entry.code)
        break
      case 'quiet':
        this.#quiet(entry)
        break
      case 'waitsForNothing':
        throw new Violation(
          'a sender that may send an item does not wait',
          told(this.#world.tagged(entry.tag)),
        )
      case 'rest':
        this.#rest(side, entry.held)
        break
      case 'over':
        this.#over(entry)
        break
      default:
        this.#notClosed(entry)
        this.#told(entry)
        break
    }
  }

  #told(entry: Entry): void {
    const side = this.#world.sides[entry.side]
    const { caller, callee } = this.#rules[entry.side]
    if (entry.what === 'opened') {
      require(!side.isOpened, 'a session opens once', () => side.role)
      side.isOpened = true
      return
    }
    require(side.isOpened, 'a session opens before anything else', () => `${entry.what} at the ${side.role}`)
    if (entry.what === 'handler') callee.handler(entry)
    else if (entry.what === 'handlerAborted') callee.aborted(entry.tag, entry.atMs)
    else if (entry.what === 'started') caller.started(entry.tag)
    else if (entry.what === 'item') caller.item(entry)
    else if (entry.what === 'stopped') caller.uploads.stopped(entry.tag)
    else if (entry.what === 'itemCame') callee.uploads.item(entry.tag, entry.body, entry.bytes)
    else if (entry.what === 'uploadEnded') callee.uploads.end(entry.tag)
    else if (entry.what === 'dropped') callee.oneways.dropped(entry.tag)
    else if (entry.what === 'event') {
      const sent = this.#world.sides[otherRole(entry.side)].emitted.find(
        ({ number }) => number === entry.number,
      )
      require(entry.number > side.lastEventTold &&
        sent?.body === entry.body, 'events come in order, each once, as they were sent', () =>
        `event ${entry.number} after ${side.lastEventTold}`)
      side.lastEventTold = entry.number
      side.eventsTold += 1
    }
  }

  #sent({ side: role, envelope, atMs }: Extract<Entry, { what: 'sent' }>): void {
    const side = this.#world.sides[role]
    const { caller, callee } = this.#rules[role]
    const { kind, callId } = envelope
    const { frameBytesMax, bodyBytesMax, metadataEntriesMax, metadataBytesMax } =
      this.#world.sides[otherRole(role)].limits
    require(envelope.payloadBytes <= frameBytesMax &&
      envelope.bodyBytes <= bodyBytesMax, 'no frame has more than the receiver takes', () =>
      `a ${kind} of ${envelope.payloadBytes} bytes`)
    const { entries, bytes } = envelope.metadata ?? { entries: 0, bytes: 0 }
    require(entries <= metadataEntriesMax &&
      bytes <= metadataBytesMax, 'no frame has more than the receiver takes', () =>
      `a ${kind} with ${entries} pairs of ${bytes} bytes`)
    if (kind === 'event') side.eventsSent += 1
    else if (kind === 'goaway')
      side.lastCallIdTaken = Math.min(side.lastCallIdTaken, envelope.lastCallId ?? Infinity)
    else if (kind === 'call') caller.sentCall(envelope)
    else if (kind === 'oneway') caller.oneways.sent(envelope)
    else if (callId > 0 && isCallOf(role, callId)) caller.sent(envelope)
    else if (callId > 0) callee.sent(envelope, atMs)
  }

  #received({ side, envelope, queuedBytes, atMs }: Extract<Entry, { what: 'received' }>): void {
    const { caller, callee } = this.#rules[side]
    const { kind, callId, lastCallId } = envelope
    if (kind === 'call') callee.receivedCall(envelope, atMs, queuedBytes)
    else if (kind === 'oneway') callee.oneways.received(envelope, atMs)
    else if (callId > 0) {
      if (isCallOf(side, callId)) caller.received(envelope)
      else callee.received(envelope, atMs)
    } else if (kind === 'goaway' && lastCallId !== undefined) caller.refusedAfter(lastCallId)
  }

  #notClosed({ side, ...entry }: Entry): void {
    const isLate = entry.what === 'settled' && this.#world.tagged(entry.tag).isMadeAfterClosed
    require(!this.#world.sides[side].isClosed || isLate, 'closed is last', () =>
      `${entry.what} at the ${side}`)
  }

  #quiet({ side, state, callsInFlight, ...seen }: Extract<Entry, { what: 'quiet' }>): void {
    const { isOver, wasCut, isClosed } = this.#world.sides[side]
    require(!isClosed || state === 'closed', 'a session that closed says so', () => side)
    if (isOver || wasCut || this.#world.sides[otherRole(side)].wasCut) return
    this.#rules[side].caller.quiet(state === 'open' && seen.queuedBytes === 0)
    this.#rules[side].callee.quiet(seen.onewaysDropped, seen.held)
    const expected = this.#world.calls.filter((call) =>
      call.caller === side
        ? call.holdsSlot || call.isWaiting
        : call.isOpenAtCallee || (call.isOneway && call.isRunning),
    )
    require(callsInFlight === expected.length, 'the calls in flight are those that are open', () =>
      `${callsInFlight} at the ${side}, not ${expected.map(told).join(', ')}`)
  }

  #rest({ role, eventsTold }: SideRecord, held: Held): void {
    const { eventsSent } = this.#world.sides[otherRole(role)]
    require(eventsTold === eventsSent, 'events come in order, each once, as they were sent', () =>
      `${eventsTold} of ${eventsSent} at the ${role}`)
    require(Object.values(held).every((bytes) => bytes === 0), 'every budget is given back', () =>
      `${JSON.stringify(held)} at the ${role}`)
  }

  /** Faults have stopped, all timers have fired, and both sides were closed. */
  #over({ side, callsInFlight, queuedBytes, reportedBytes }: Extract<Entry, { what: 'over' }>): void {
    require(this.#world.sides[side].isClosed, 'everything comes to its end', () =>
      `the ${side} did not close`)
    const open = this.#world.of(side).filter((call) => !call.isSettled)
    require(open.length === 0, 'everything comes to its end', () => open.map(told).join(', '))
    require(callsInFlight + queuedBytes + reportedBytes === 0, 'every budget is given back', () =>
      `${callsInFlight} calls, ${queuedBytes} bytes queued and ${reportedBytes} reported at the ${side}`)
  }
}

/** Calls of a client have odd ids. */
function isCallOf(role: Role, callId: number): boolean {
  return (callId % 2 === 1) === (role === 'client')
}
