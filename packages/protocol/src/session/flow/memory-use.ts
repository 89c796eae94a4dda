import { errorWithoutStack } from '../../error-without-stack.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { MemoryHolder, MemoryLedger } from '../common/memory-ledger.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { SessionShare } from '../common/session-share.ts'
import type { SessionMemory } from '../common/session-stats.ts'

/** The sources of figures that are not counted here. */
export interface MemorySources {
  readonly frameBytes: number
  readonly partialBytes: number
  readonly queuedBytes: number
  readonly keptBytes: number
  giveUp(): void
}

/** The memory of an idle session: its objects, those of its connection, and the peer's hello. */
const sessionBytes = 8 * 1024

/**
 * A session that holds at most this is not refused because of others: an eighth of the budget is kept for such
 * sessions.
 */
const lightBytes = 64 * 1024

/**
 * While unread items hold no more than this, their sizes are guessed: computing one costs a third of decoding the item.
 */
const guessedBytes = 256 * 1024

/** While all sessions hold no more than this part of their budget, a wrong guess cannot use it up. */
const guessedPart = 1 / 8

/** The smallest change that is reported to the ledger. Reporting a smaller one is not worth its cost. */
const reportedBytes = 16 * 1024

/** The memory of a closed session. */
const nothing: SessionMemory = Object.freeze({
  frameBytes: 0,
  partialBytes: 0,
  inputBytes: 0,
  itemBytes: 0,
  waitingBytes: 0,
  queuedBytes: 0,
  keptBytes: 0,
  ownerBytes: 0,
  totalBytes: 0,
})

/**
 * Counts the memory that one session holds for its peer, against its own budget and that of all sessions of its server.
 */
export class MemoryUse implements MemoryHolder {
  readonly #limits: SessionLimits
  readonly #sources: MemorySources
  readonly #ledger: MemoryLedger | undefined
  readonly #share: SessionShare | undefined
  #inputBytes = 0
  #itemBytes = 0
  /** The memory by which windows of items have grown. */
  #grownBytes = 0
  #waitingBytes = 0
  #ownerBytes = 0
  #reported = 0
  /** Bytes that were added and removed since the last check: while they are few, the change is small. */
  #unseen = 0
  #closed = false

  constructor(
    limits: SessionLimits,
    sources: MemorySources,
    ledger: MemoryLedger | undefined,
    share: SessionShare | undefined,
  ) {
    this.#limits = limits
    this.#sources = sources
    this.#ledger = ledger
    this.#share = share
    this.#ledger?.add(this)
    this.#report(sessionBytes)
  }

  get share(): string | undefined {
    return this.#share?.key
  }

  get now(): SessionMemory {
    if (this.#closed) return nothing
    const { frameBytes, partialBytes, queuedBytes, keptBytes } = this.#sources
    const parts = {
      frameBytes,
      partialBytes,
      inputBytes: this.#inputBytes,
      itemBytes: this.#itemBytes,
      waitingBytes: this.#waitingBytes,
      queuedBytes,
      keptBytes,
      ownerBytes: this.#ownerBytes,
    }
    return { ...parts, totalBytes: this.heldBytes }
  }

  get heldBytes(): number {
    const { frameBytes, partialBytes, queuedBytes, keptBytes } = this.#sources
    const counted = this.#counted + this.#itemBytes
    return sessionBytes + counted + frameBytes + partialBytes + queuedBytes + keptBytes
  }

  /** Whether the memory of all sessions is nearly used up. */
  get isTight(): boolean {
    return this.#ledger?.isTight === true
  }

  /** Whether so much is held for the peer that new windows should begin small. */
  get isScarce(): boolean {
    return this.isTight || this.heldBytes > this.#limits.sessionMemoryBytesMax / 2
  }

  /** Whether so little is held that the size of an item need not be computed exactly: see `itemSize`. */
  get mayGuess(): boolean {
    if (this.#itemBytes + this.#inputBytes > guessedBytes) return false
    return this.#ledger === undefined || this.#ledger.bytes <= this.#ledger.bytesMax * guessedPart
  }

  giveUp(): void {
    this.#sources.giveUp()
  }

  /**
   * Returns the reason to refuse this many more bytes; undefined if they fit. Items of this side's own streams do not
   * count against the session itself: this side has requested them, and the peer has kept to the window.
   */
  refusalOf(bytes: number): RpcError | undefined {
    const { sessionMemoryBytesMax, overloadRetryAfterMs: retryAfterMs } = this.#limits
    // All other memory has limits of its own: it is added up only if it may matter.
    const bytesMax = sessionMemoryBytesMax + this.#itemBytes
    if (this.#counted + bytes > sessionMemoryBytesMax / 4 && this.heldBytes + bytes > bytesMax) {
      const text = `this connection would hold over ${sessionMemoryBytesMax} bytes: make fewer calls at once, or smaller ones`
      return errorWithoutStack('RESOURCE_EXHAUSTED', text, { retryAfterMs })
    }
    if (this.#ledger?.refuses(this) !== true || this.heldBytes + bytes <= lightBytes) return undefined
    return errorWithoutStack('RESOURCE_EXHAUSTED', 'the memory of all connections is used up', {
      retryAfterMs,
    })
  }

  /** A call of the peer holds this much input; negative when it has ended. */
  addInput(bytes: number): void {
    this.#inputBytes += bytes
    this.passed(Math.abs(bytes))
  }

  /** Counts unread items of this side's streams; negative when they were read or dropped. */
  addItems(bytes: number): void {
    this.#itemBytes += bytes
    this.passed(Math.abs(bytes))
  }

  /**
   * Whether a window of items may grow by this much memory. All windows together grow by at most half of what the
   * session may hold, so that a peer that keeps to them is not refused for it.
   */
  mayGrow(bytes: number): boolean {
    return this.#grownBytes + bytes <= this.#limits.sessionMemoryBytesMax / 2 && !this.isScarce
  }

  /** A window has grown by this much memory; negative when no more items arrive through it. */
  addGrown(bytes: number): void {
    this.#grownBytes += bytes
  }

  /** Data of this side waits to be sent; negative when it no longer does. */
  addWaiting(bytes: number): void {
    this.#waitingBytes += bytes
    this.passed(Math.abs(bytes))
  }

  /**
   * The owner of the session holds this much more for the peer.
   *
   * @returns the error if that is too much; nothing was counted then
   */
  takeOwner(bytes: number): RpcError | undefined {
    const refusal = this.refusalOf(bytes)
    if (refusal === undefined) this.#addOwner(bytes)
    return refusal
  }

  giveOwner(bytes: number): void {
    this.#addOwner(-bytes)
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** This many bytes were sent, or arrived and are kept. */
  passed(bytes: number): void {
    this.#unseen += bytes
    if (this.#unseen >= reportedBytes) this.look()
  }

  /** Call when figures that are not counted here may have changed. */
  look(): void {
    this.#unseen = 0
    if (this.#ledger === undefined || this.#closed) return
    const change = this.heldBytes - this.#reported
    if (change >= reportedBytes || -change >= reportedBytes) this.#report(change)
  }

  /** The session is closed, and holds nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#ledger?.remove(this, this.#reported)
  }

  get #counted(): number {
    return this.#inputBytes + this.#waitingBytes + this.#ownerBytes
  }

  #addOwner(bytes: number): void {
    this.#ownerBytes += bytes
    this.passed(Math.abs(bytes))
  }

  #report(change: number): void {
    this.#reported += change
    this.#ledger?.report(change)
  }
}
