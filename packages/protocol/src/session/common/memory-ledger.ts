import { inMicrotask } from '@frameport/framing/checks'
import type { InTurns } from './in-turns.ts'

/** A session, as the holder of memory for its peer. */
export interface MemoryHolder {
  /** The bytes that it holds now. */
  readonly heldBytes: number
  /** Reports the bytes that it holds, if they have changed since the last report. */
  look(): void
  /** Holders of one share count as one when memory is short: a peer with a thousand connections is one peer. */
  readonly share: string | undefined
  /** Closes its connection, so that its memory becomes free. */
  giveUp(): void
}

/** From this part of the budget on, nothing new is accepted; work that has begun can continue. */
const tightAt = 7 / 8

/** The interval at which all sessions report while nothing new is accepted: memory that they reported may be free. */
const askedEachMs = 100

/** They are asked at once when this part of the budget more is held than when they were asked. */
const askedEachPart = 1 / 64

/**
 * The memory of all sessions of one server. Each session reports what it holds in steps of some KiB.
 *
 * Near the budget, shares that hold more than their part accept nothing new, so that none can exhaust it for the
 * others. Over the budget, every session reports its exact figure, and then those that hold most, in the share that
 * holds most, close their connections.
 */
export class MemoryLedger {
  readonly #bytesMax: number
  readonly #holders = new Set<MemoryHolder>()
  /** Sessions that are being closed for lack of memory: their memory will be free soon. */
  readonly #leaving = new Set<MemoryHolder>()
  #bytes = 0
  readonly #nowMs: () => number
  readonly #endings: InTurns
  #askedAtMs = Number.NEGATIVE_INFINITY
  #askedBytes = 0
  /** Shares that held more than their part when all were asked. */
  #over: ReadonlySet<unknown> = new Set()
  #gaveUp = 0
  #relieving = false

  /**
   * @param bytesMax the budget, in bytes
   * @param nowMs a clock that never goes back
   * @param endings the time in which connections are given up
   */
  constructor(bytesMax: number, nowMs: () => number, endings: InTurns) {
    this.#bytesMax = bytesMax
    this.#nowMs = nowMs
    this.#endings = endings
  }

  /** The bytes that all sessions hold, by their last reports. */
  get bytes(): number {
    return this.#bytes
  }

  get bytesMax(): number {
    return this.#bytesMax
  }

  /** Connections that were given up for want of memory. */
  get gaveUp(): number {
    return this.#gaveUp
  }

  /** True if large holders accept nothing new. */
  get isTight(): boolean {
    return this.#bytes > this.#bytesMax * tightAt
  }

  /** Whether this holder should accept nothing new: the budget is nearly used up, and its share holds much of it. */
  refuses(holder: MemoryHolder): boolean {
    if (!this.isTight) return false
    const grown = this.#bytes - this.#askedBytes
    if (grown >= this.#bytesMax * askedEachPart || this.#nowMs() - this.#askedAtMs >= askedEachMs) this.#ask()
    return this.#over.has(keyOf(holder))
  }

  add(holder: MemoryHolder): void {
    this.#holders.add(holder)
  }

  /** @param bytes the total that it had reported */
  remove(holder: MemoryHolder, bytes: number): void {
    this.#leaving.delete(holder)
    if (this.#holders.delete(holder)) this.#bytes -= bytes
  }

  /** A holder has `bytes` more than it had reported; fewer if negative. */
  report(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes <= this.#bytesMax || this.#relieving) return
    this.#relieving = true
    // Deferred, because a session may be processing an envelope.
    inMicrotask(() => {
      this.#relieving = false
      this.#relieve()
    })
  }

  #ask(): void {
    this.#askedAtMs = this.#nowMs()
    for (const holder of this.#holders) holder.look()
    this.#askedBytes = this.#bytes
    const shares = this.#shares()
    const partBytes = equalPart(
      [...shares.values()].map(({ bytes }) => bytes),
      this.#bytesMax * tightAt,
    )
    this.#over = new Set([...shares].filter(([, { bytes }]) => bytes > partBytes).map(([key]) => key))
  }

  #relieve(): void {
    const shares = [...this.#shares().values()]
    let held = 0
    for (const share of shares) held += share.bytes
    if (held <= this.#bytesMax) return
    const chosen: MemoryHolder[] = []
    for (const { holder, bytes } of inOrderOfGivingUp(shares)) {
      if (held <= this.#bytesMax * tightAt) break
      held -= bytes
      this.#leaving.add(holder)
      chosen.push(holder)
    }
    this.#endings.add(this.#giveUp(chosen))
  }

  /** Holders that have ended meanwhile hold nothing. */
  *#giveUp(chosen: readonly MemoryHolder[]): Generator<void> {
    for (const holder of chosen) {
      if (!this.#holders.has(holder)) continue
      this.#gaveUp += 1
      holder.giveUp()
      yield
    }
  }

  #shares(): Map<unknown, Share> {
    const shares = new Map<unknown, Share>()
    for (const holder of this.#holders) {
      if (this.#leaving.has(holder)) continue
      const key = keyOf(holder)
      const share = shares.get(key) ?? { bytes: 0, members: [] }
      shares.set(key, share)
      const bytes = holder.heldBytes
      share.bytes += bytes
      share.members.push({ holder, bytes })
    }
    return shares
  }
}

/** A session without a share is a share of its own. */
function keyOf(holder: MemoryHolder): unknown {
  return holder.share ?? holder
}

/**
 * The amount that each may hold so that all of them hold at most `bytesMax`: those that hold less leave the rest to the
 * others (max-min fairness: Bertsekas and Gallager, Data Networks, 6.5.2). Infinity if they hold no more than that.
 */
function equalPart(held: readonly number[], bytesMax: number): number {
  let left = bytesMax
  const rising = Float64Array.from(held).sort()
  for (const [at, bytes] of rising.entries()) {
    const part = left / (rising.length - at)
    if (bytes > part) return part
    left -= bytes
  }
  return Number.POSITIVE_INFINITY
}

interface Member {
  readonly holder: MemoryHolder
  readonly bytes: number
}

interface Share {
  bytes: number
  readonly members: Member[]
}

/** Always the largest member of the share that is the largest then. */
function* inOrderOfGivingUp(shares: Share[]): Generator<Member> {
  for (const { members } of shares) members.sort((a, b) => a.bytes - b.bytes)
  for (;;) {
    let largest: Share | undefined
    for (const share of shares)
      if (share.members.length > 0 && (largest === undefined || share.bytes > largest.bytes)) largest = share
    const member = largest?.members.pop()
    if (largest === undefined || member === undefined) return
    largest.bytes -= member.bytes
    yield member
  }
}
