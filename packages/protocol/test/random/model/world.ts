import { CallRecord } from './call-record.ts'
import { type AskedCall, type ModelLimits, otherRole, type Role } from './trace.ts'
import type { WireEnvelope } from './wire.ts'

/** A broken rule. */
export class Violation extends Error {
  readonly rule: string

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`)
    this.rule = rule
  }
}

/** @throws Violation unless `holds` */
export function require(holds: boolean, rule: string, detail: () => string): asserts holds {
  if (!holds) throw new Violation(rule, detail())
}

/** Everything known about one side. */
export class SideRecord {
  readonly role: Role
  readonly limits: ModelLimits
  isOpened = false
  isClosed = false
  /** Whether it accepts nothing more. */
  isOver = false
  wasAborted = false
  wasClosed = false
  wasCut = false
  refusedHello = false
  lastCallIdSent = 0
  lastCallTagSent = -1
  lastOnewayTagSent = -1
  /** One-way calls of the peer that were dropped. */
  onewaysDropped = 0
  /** The last call id in its goaway: no later call of the peer runs here. */
  lastCallIdTaken = Number.POSITIVE_INFINITY
  /** Events in the order in which they were emitted. */
  readonly emitted: { readonly number: number; readonly body: string }[] = []
  lastEventTold = 0
  eventsSent = 0
  /** When its orderly end aborts the open calls. */
  graceEndsAtMs = Number.POSITIVE_INFINITY
  eventsTold = 0
  /** The time by which it has to have closed. */
  endsByMs = Number.POSITIVE_INFINITY

  constructor(role: Role, limits: ModelLimits) {
    this.role = role
    this.limits = limits
  }
}

/** Everything known about a run. */
export class World {
  readonly sides: Readonly<Record<Role, SideRecord>>
  readonly calls: CallRecord[] = []
  readonly #byTag = new Map<number, CallRecord>()
  readonly #byId = new Map<string, CallRecord>()

  constructor(limits: Readonly<Record<Role, ModelLimits>>) {
    this.sides = {
      client: new SideRecord('client', limits.client),
      server: new SideRecord('server', limits.server),
    }
  }

  add(caller: Role, atMs: number, asked: AskedCall): CallRecord {
    const waiting = this.of(caller).filter((call) => call.isWaiting).length
    const call = new CallRecord(caller, atMs, asked, waiting, this.sides[otherRole(caller)].limits)
    this.calls.push(call)
    this.#byTag.set(call.tag, call)
    return call
  }

  of(caller: Role): CallRecord[] {
    return this.calls.filter((call) => call.caller === caller)
  }

  tagged(tag: number): CallRecord {
    const call = this.#byTag.get(tag)
    require(call !== undefined, 'only what was asked for happens', () => `nobody asked for call ${tag}`)
    return call
  }

  /** The call that an envelope begins. */
  calledIn({ procedure = '' }: WireEnvelope): CallRecord {
    return this.tagged(Number(procedure.slice(procedure.indexOf('/c') + 2)))
  }

  name(call: CallRecord, id: number): void {
    call.id = id
    call.isSent = true
    this.#byId.set(`${call.caller} ${id}`, call)
  }

  /** The call with this id, which its caller has sent. */
  numbered(id: number): CallRecord {
    const call = this.#byId.get(`${id % 2 === 1 ? 'client' : 'server'} ${id}`)
    require(call !== undefined, 'only calls that were made are spoken of', () => `call id ${id}`)
    return call
  }
}
