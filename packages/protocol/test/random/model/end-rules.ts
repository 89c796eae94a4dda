import type { CallRecord } from './call-record.ts'
import { told } from './told.ts'
import { type ModelLimits, otherRole, type Role } from './trace.ts'
import { require, type SideRecord, type World } from './world.ts'

/** Codes that no session may close with when both sides are of this implementation. */
const faultsOfPeers = new Set([
  'NOT_FRAMEPORT',
  'FRAME_TOO_LONG',
  'TRUNCATED',
  'MALFORMED_ENVELOPE',
  'UNKNOWN_KIND',
  'PROTOCOL_VIOLATION',
  'VERSION_UNSUPPORTED',
])

/** What holds as time passes, and at the end of a session. */
export class EndRules {
  readonly #world: World
  #nowMs = Number.NEGATIVE_INFINITY

  constructor(world: World) {
    this.#world = world
  }

  close(side: SideRecord, atMs: number, given?: number): void {
    // A further close can bring the end forward, and changes nothing else.
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

  /** A call that nobody waits for is answered by the callee itself when its handler does not stop. */
  #answeredInTime(call: CallRecord, nowMs: number): void {
    const callee = this.#world.sides[otherRole(call.caller)]
    const isLate = call.isOpenAtCallee && nowMs > call.abortedAtMs + callee.limits.handlerStopMs
    const canTell = !callee.isOver && !callee.wasCut && !this.#world.sides[call.caller].wasCut
    // What a handler has given may wait for a peer that does not read.
    require(!isLate ||
      !canTell ||
      call.answer !== undefined, 'a call that was given up is answered in time', () => told(call))
  }

  /** Deadlines are kept to the millisecond: time stands still while anything else happens. */
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

/** Until an orderly end is over: its grace, then a linger for the peer to end, too, and one for the channel. */
function timeToClose({ closeGraceMs, closeLingerMs }: ModelLimits, graceMs: number): number {
  return Math.max(graceMs, closeGraceMs) + 2 * closeLingerMs
}
