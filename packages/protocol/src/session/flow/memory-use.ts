import { errorWithoutStack } from '../../error-without-stack.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { MemoryHolder, MemoryLedger } from '../common/memory-ledger.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import type { SessionShare } from '../common/session-share.ts'
import type { SessionMemory } from '../common/session-stats.ts'

/** Where the figures come from that are not counted here. */
export interface MemorySources {
  readonly frameBytes: number
  readonly partialBytes: number
  readonly queuedBytes: number
  readonly keptBytes: number
  giveUp(): void
}

/** What a session costs that does nothing: its objects, those of its connection, the peer's hello. */
const sessionBytes = 8 * 1024

/** Who holds no more than this is not refused for what the others hold: the budget has an eighth left for such. */
const lightBytes = 64 * 1024

/** While the items that nobody has read hold no more than this, each is guessed: to look through it costs a third of decoding it. */
const guessedBytes = 256 * 1024

/** While all sessions hold no more than this part of their budget, a wrong guess cannot use it up. */
const guessedPart = 1 / 8

/** What is told to the ledger: a smaller change costs more to tell than it is worth. */
const reportedBytes = 16 * 1024

/** Of a session that is closed. */
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

/** Counts what one session holds for its peer, against its own budget and that of all sessions of its server. */
export class MemoryUse implements MemoryHolder {
  readonly #limits: SessionLimits
  readonly #sources: MemorySources
  readonly #ledger: MemoryLedger | undefined
  readonly #share: SessionShare | undefined
  #inputBytes = 0
  #itemBytes = 0
  /** What windows of items may hold beyond what they began with. */
  #grownBytes = 0
  #waitingBytes = 0
  #ownerBytes = 0
  #reported = 0
  /** Bytes that came and went since the last look: as long as they are few, so is the change. */
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

  /** The memory of all sessions is nearly used up. */
  get isTight(): boolean {
    return this.#ledger?.isTight === true
  }

  /** So much is held for the peer that what is asked of it now should begin small. */
  get isScarce(): boolean {
    return this.isTight || this.heldBytes > this.#limits.sessionMemoryBytesMax / 2
  }

  /** So little is held that an item need not be looked through: see `itemSize`. */
  get mayGuess(): boolean {
    if (this.#itemBytes + this.#inputBytes > guessedBytes) return false
    return this.#ledger === undefined || this.#ledger.bytes <= this.#ledger.bytesMax * guessedPart
  }

  giveUp(): void {
    this.#sources.giveUp()
  }

  /**
   * Why this many bytes more cannot be taken in; undefined when they can. What came of this side's streams is no reason in the session itself: this side has asked
   * for it, and the peer has kept to the window.
   */
  refusalOf(bytes: number): RpcError | undefined {
    const { sessionMemoryBytesMax, overloadRetryAfterMs: retryAfterMs } = this.#limits
    // All else that is held has limits of its own: it is added up only when it may matter.
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

  /** A call of the peer holds its input; negative when it has ended. */
  addInput(bytes: number): void {
    this.#inputBytes += bytes
    this.passed(Math.abs(bytes))
  }

  /** Items of this side's streams came that nobody has read; negative when they were read, or dropped. */
  addItems(bytes: number): void {
    this.#itemBytes += bytes
    this.passed(Math.abs(bytes))
  }

  /**
   * Whether a window of items may grow by what holds so much. What all windows have grown by is at most half of what the session may hold, so that a
   * peer that keeps to them is not refused for it.
   */
  mayGrow(bytes: number): boolean {
    return this.#grownBytes + bytes <= this.#limits.sessionMemoryBytesMax / 2 && !this.isScarce
  }

  /** A window has grown by what holds so much; negative when no more items come through it. */
  addGrown(bytes: number): void {
    this.#grownBytes += bytes
  }

  /** Something of this side waits to be sent; negative when it does no longer. */
  addWaiting(bytes: number): void {
    this.#waitingBytes += bytes
    this.passed(Math.abs(bytes))
  }

  /**
   * The owner of the session holds this much more for the peer.
   *
   * @returns why that is too much; nothing was counted then
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

  /** This many bytes were sent, or came and are kept. */
  passed(bytes: number): void {
    this.#unseen += bytes
    if (this.#unseen >= reportedBytes) this.look()
  }

  /** What is not counted here may have changed. */
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
