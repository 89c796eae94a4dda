import { copyBytes, lengthOf } from '../memory/bytes.ts'
import { HalfBatch } from '../memory/half-batch.ts'
import { reportUncaught } from '../platform/report-uncaught.ts'
import type { NativePort } from './addon-types.ts'
import { entryWord, entryWords } from './batch-table.ts'

const turnsMax = 2 ** 30 - 1

/** The members of a connection that the arena uses. */
export interface ArenaConnection {
  readonly slot: number
  readonly generation: number
  /** Bytes in the arena that are not handed over yet. */
  stagedBytes: number
  /** The number of the turn in which it was last sent to. */
  sentInTurn: number
  /** Bytes that the addon owns. */
  ownedBytes: number
  /** The system refused a send. */
  broken: boolean
  /** Whether the arena has it in its list of connections to notify. */
  progressNoted: boolean
  tellProgress(): void
}

/**
 * The small sends of one turn: their bytes are copied one after another into memory that the addon reads, and one call
 * hands all of them to the kernel, the first half early (see HalfBatch). Consecutive sends of one connection
 * become one.
 */
export class SendArena {
  readonly #native: NativePort
  readonly #bytes: Uint8Array
  readonly #entries: Int32Array
  readonly #entriesMax: number
  readonly #connections: ArenaConnection[] = []
  readonly #progressed: ArenaConnection[] = []
  readonly #half = new HalfBatch()
  #turn = 0
  /** The connection of the newest entry of this turn. */
  #last: ArenaConnection | undefined
  #bytesUsed = 0

  constructor(native: NativePort) {
    this.#native = native
    this.#bytes = new Uint8Array(native.arena, native.arenaStart)
    this.#entries = new Int32Array(native.entries)
    this.#entriesMax = this.#entries.length / entryWords
  }

  get isEmpty(): boolean {
    return this.#connections.length === 0
  }

  /** Copies the parts. `length` is their sum and fits the arena. */
  append(connection: ArenaConnection, parts: readonly Uint8Array[], length: number): void {
    const full =
      this.#bytesUsed + length > this.#bytes.length || this.#connections.length === this.#entriesMax
    if (full) this.flush(false)
    const index = this.#connections.length
    if (index > 0 && this.#connections[index - 1] === connection) {
      this.#entries[(index - 1) * entryWords + entryWord.length]! += length
    } else {
      // After an early flush, the same connection continues with an entry of its own.
      if (connection.sentInTurn === this.#turn && connection !== this.#last) this.#half.goesRound()
      this.#last = connection
      connection.sentInTurn = this.#turn
      this.#connections.push(connection)
      const at = index * entryWords
      this.#entries[at + entryWord.slot] = connection.slot
      this.#entries[at + entryWord.generation] = connection.generation
      this.#entries[at + entryWord.length] = length
    }
    this.#copy(parts, length)
    connection.stagedBytes += length
    if (this.#half.add()) this.flush(false)
  }

  /** Copies exactly `length` bytes, as in the entry: a part in shared memory may have grown in between. */
  #copy(parts: readonly Uint8Array[], length: number): void {
    const end = this.#bytesUsed + length
    const last = parts.length - 1
    for (let index = 0; index <= last; index++) {
      const part = parts[index]!
      const left = end - this.#bytesUsed
      const count = index === last ? left : Math.min(lengthOf(part), left)
      copyBytes(this.#bytes, this.#bytesUsed, part, count)
      this.#bytesUsed += count
    }
  }

  /** Hands everything to the kernel. Connections are notified only by {@link tellProgress}. */
  flush(batchDone: boolean): boolean {
    const connections = this.#connections
    const hidden = this.#native.flush(connections.length, batchDone)
    for (let index = 0; index < connections.length; index++) {
      const at = index * entryWords
      const connection = connections[index]!
      connection.stagedBytes -= this.#entries[at + entryWord.length]!
      if (this.#entries[at + entryWord.status] !== 0) {
        // The system refused the send: `closed` follows, and until then none of its bytes has made progress.
        connection.broken = true
        continue
      }
      connection.ownedBytes = wordsToNumber(
        this.#entries[at + entryWord.queuedLow]!,
        this.#entries[at + entryWord.queuedHigh]!,
      )
      this.progressed(connection)
    }
    connections.length = 0
    this.#bytesUsed = 0
    this.#half.left()
    return hidden
  }

  /** Notes that a connection's queue has changed. */
  progressed(connection: ArenaConnection): void {
    if (connection.progressNoted) return
    connection.progressNoted = true
    this.#progressed.push(connection)
  }

  /** Called only at the end of a turn, so that no callback runs inside another one's `send`. */
  tellProgress(): void {
    this.#half.turnOver()
    this.#last = undefined
    // Small integers cost no memory.
    this.#turn = (this.#turn + 1) & turnsMax
    const progressed = this.#progressed
    for (let index = 0; index < progressed.length; index++) {
      const connection = progressed[index]!
      connection.progressNoted = false
      try {
        connection.tellProgress()
      } catch (error) {
        reportUncaught(error)
      }
    }
    progressed.length = 0
  }
}

/** A number of bytes from its two words; exact up to 2^53. */
export function wordsToNumber(low: number, high: number): number {
  return high === 0 ? low >>> 0 : (high >>> 0) * 2 ** 32 + (low >>> 0)
}
