import type { CallRecord } from './call-record.ts'
import { told } from './told.ts'
import { otherRole, type Role } from './trace.ts'
import type { WireEnvelope } from './wire.ts'
import { require, type SideRecord, type World } from './world.ts'

/** The rules for one-way calls: those that one side sends, and those that it receives. */
export class OnewayRules {
  readonly #world: World
  readonly #side: SideRecord

  constructor(world: World, role: Role) {
    this.#world = world
    this.#side = world.sides[role]
  }

  sent(envelope: WireEnvelope): void {
    const call = this.#world.calledIn(envelope)
    require(call.isOneway, 'a call says which kind it is', () => told(call))
    require(call.caller === this.#side.role && !call.isSent, 'a call is sent once, by its caller', () =>
      told(call))
    require(!call.isSettled, 'a call that has settled is not sent', () => told(call))
    require(call.tag > this.#side.lastOnewayTagSent, 'calls are sent in the order they were made', () =>
      told(call))
    this.#side.lastOnewayTagSent = call.tag
    call.isSent = true
  }

  /** A side drops one-way calls when it accepts no calls, or when as many run as may. */
  received(envelope: WireEnvelope, atMs: number): void {
    const call = this.#world.calledIn(envelope)
    const { limits } = this.#side
    const { entries, bytes } = envelope.metadata ?? { entries: 0, bytes: 0 }
    call.receivedAtMs = atMs
    call.expiresAtMs = atMs + (envelope.deadlineMs ?? Number.POSITIVE_INFINITY)
    call.mustBeDropped =
      this.#side.lastCallIdTaken < Number.POSITIVE_INFINITY ||
      this.#count(({ isRunning }) => isRunning) >= limits.onewaysInFlightMax ||
      envelope.deadlineMs === 0 ||
      entries > limits.metadataEntriesMax ||
      bytes > limits.metadataBytesMax
    // The session sees a rejected promise one microtask later.
    const atMost = this.#count(({ isRunning, threwAtMs }) => isRunning || threwAtMs === atMs)
    call.mayBeDropped = call.mustBeDropped || call.memoryMayRunOut || atMost >= limits.onewaysInFlightMax
  }

  /** A handler is about to run the call. */
  runs(call: CallRecord): void {
    require(call.receivedAtMs !== undefined &&
      !call.isDropped, 'a one-way call runs or is dropped, once', () => told(call))
    require(!call.mustBeDropped, 'a one-way call that cannot be run is dropped', () => told(call))
  }

  dropped(tag: number): void {
    const call = this.#world.tagged(tag)
    require(call.receivedAtMs !== undefined &&
      !call.hasHandler &&
      !call.isDropped, 'a one-way call runs or is dropped, once', () => told(call))
    require(call.mayBeDropped, 'a one-way call is dropped for a reason that there is', () => told(call))
    call.isDropped = true
    this.#side.onewaysDropped += 1
  }

  /**
   * The microtask queue is empty.
   *
   * @param dropped the number of dropped calls that the session reports
   */
  quiet(dropped: number): void {
    for (const call of this.#mine()) {
      require(call.receivedAtMs === undefined ||
        call.hasHandler ||
        call.isDropped, 'a one-way call runs or is dropped, once', () => told(call))
    }
    require(dropped === this.#side.onewaysDropped, 'each one-way call that is dropped is counted', () =>
      `${dropped} of ${this.#side.onewaysDropped} at the ${this.#side.role}`)
  }

  #count(isCounted: (call: CallRecord) => boolean): number {
    return this.#mine().filter(isCounted).length
  }

  #mine(): CallRecord[] {
    return this.#world.of(otherRole(this.#side.role)).filter((call) => call.isOneway)
  }
}
