import type { CallRecord } from './call-record.ts'
import { told } from './told.ts'
import { type ModelLimits, otherRole, type Role } from './trace.ts'
import { require, type SideRecord, type World } from './world.ts'

/** Codes with which no session may close when both sides run this implementation. */
const faultsOfPeers = new Set([
  'NOT_FRAMEPORT',
  'FRAME_TOO_LONG',
  'TRUNCATED',
  'MALFORMED_ENVELOPE',
  'UNKNOWN_KIND',
  'PROTOCOL_VIOLATION',
  'VERSION_UNSUPPORTED',
])

/** The rules for the passing of time and the end of a session. */
export class EndRules {
  readonly #world: World
  #nowMs = Number.NEGATIVE_INFINITY

  constructor(world: World) {
    this.#world = world
  }

  close(side: SideRecord, atMs: number, given?: number): void {
    // A further close can shorten the grace, and has no other effect.
    if (side.wasClosed && (given === undefined || side.isOver)) return
    side.wasClosed = true
    const graceMs = given ?? side.limits.closeGraceMs
    side.graceEndsAtMs = side.isOpened ? Math.min(side.graceEndsAtMs, atMs + graceMs) : 0
    endsBy(side, atMs + timeToClose(side.limits, graceMs))
  }

  abort(side: SideRecord, atMs: number): void {
    side.wasAborted = true
    endsBy(side, atMs + side.limits.closeLingerMs)
  }

  closed(role: Role, code: string): void {
    const side = this.#world.sides[role]
    require(!side.isClosed, 'a session closes once', () => role)
    side.isClosed = true
    side.isOver = true
    require(!faultsOfPeers.has(code), 'no side breaks the protocol', () => `the ${role} closed with ${code}`)
    require(code !== 'ABORTED' || side.wasAborted, 'a session is aborted by its user alone', () => role)
    const { client, server } = this.#world.sides
    require(code !== 'CLOSED' ||
      client.wasClosed ||
      server.wasClosed, 'a session ends in order when somebody closes it', () => role)
    require(code !== 'HELLO_REFUSED' || server.refusedHello, 'a hello is refused by the server alone', () =>
      role)
    const isDisturbed = [client, server].some(({ wasCut, wasAborted }) => wasCut || wasAborted)
    const graceEndsAtMs = Math.min(client.graceEndsAtMs, server.graceEndsAtMs)
    for (const call of this.#world.calls) {
      const isLost = call.caller === role && call.lostAtMs < graceEndsAtMs
      require(code !== 'CLOSED' ||
        isDisturbed ||
        !isLost, 'an orderly end waits for open calls, as long as its grace', () => told(call))
      require(call.caller !== role || call.isSettled, 'closed is last: every call has settled', () =>
        told(call))
      const runs = call.caller !== role && call.isRunning
      require(!runs || call.isHandlerAborted, 'closed is last: every handler was aborted', () => told(call))
    }
  }

  /** A callee answers an abandoned call itself when the handler does not stop. */
  #answeredInTime(call: CallRecord, nowMs: number): void {
    const callee = this.#world.sides[otherRole(call.caller)]
    const isLate = call.isOpenAtCallee && nowMs > call.abortedAtMs + callee.limits.handlerStopMs
    const canTell = !callee.isOver && !callee.wasCut && !this.#world.sides[call.caller].wasCut
    // The answer of a handler may wait for a peer that does not read.
    require(!isLate ||
      !canTell ||
      call.answer !== undefined, 'a call that was given up is answered in time', () => told(call))
  }

  /** Deadlines are exact to the millisecond, because time stands still while anything else happens. */
  pass(nowMs: number): void {
    if (nowMs === this.#nowMs) return
    this.#nowMs = nowMs
    for (const side of Object.values(this.#world.sides)) {
      require(side.isClosed || nowMs <= side.endsByMs, 'an end has its time', () =>
        `the ${side.role} had until ${side.endsByMs} ms`)
    }
    for (const call of this.#world.calls) {
      this.#answeredInTime(call, nowMs)
      require(call.isSettled || nowMs <= call.deadlineAtMs, 'a call settles by its deadline', () =>
        told(call))
      const runs = call.isRunning && (call.isOpenAtCallee || call.isOneway)
      require(!runs ||
        call.isHandlerAborted ||
        nowMs <= call.expiresAtMs, 'a handler is aborted by its deadline', () => told(call))
    }
  }
}

function endsBy(side: SideRecord, byMs: number): void {
  side.endsByMs = Math.min(side.endsByMs, byMs)
}

/** The longest orderly end: the grace, then one linger for the end of the peer and one for that of the channel. */
function timeToClose({ closeGraceMs, closeLingerMs }: ModelLimits, graceMs: number): number {
  return Math.max(graceMs, closeGraceMs) + 2 * closeLingerMs
}
