import { timerMsMax } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { AnnouncedConnection } from './end-announcement.ts'

/** A connection that is too old after a while. */
export interface AgingConnection extends AnnouncedConnection {
  close(): Promise<void>
}

export interface ConnectionAgesOptions {
  readonly environment: SessionEnvironment
  /** How old a connection becomes, more or less. */
  readonly ageMs: number
  /** How long before it is closed its client is asked to go elsewhere. */
  readonly noticeMs: number
}

/** So much earlier or later: connections that came together do not go together. */
const jitterPart = 1 / 10

/** Those that may be due are looked at so often. */
const looksPerAge = 64

interface Age {
  /** No connection of its time is due before. */
  readonly earliestMs: number
  readonly dueMs: number
}

/** Ends connections that have become too old, with one timer for all of them. */
export class ConnectionAges {
  readonly #options: ConnectionAgesOptions
  /** In the order in which they came. */
  readonly #young = new Map<AgingConnection, Age>()
  /** When they are to be closed, in that order. */
  readonly #told = new Map<AgingConnection, number>()
  #timer: SessionTimer | undefined

  constructor(options: ConnectionAgesOptions) {
    this.#options = options
  }

  /** A client has a connection from now on. */
  began(connection: AgingConnection): void {
    const { environment, ageMs } = this.#options
    const nowMs = environment.nowMs()
    const part = 1 + jitterPart * (2 * environment.random() - 1)
    this.#young.set(connection, { earliestMs: nowMs + ageMs * (1 - jitterPart), dueMs: nowMs + ageMs * part })
    this.#wait()
  }

  /** It has none any more. Idempotent. */
  ended(connection: AgingConnection): void {
    this.#young.delete(connection)
    this.#told.delete(connection)
    if (this.#young.size + this.#told.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(): void {
    if (this.#timer !== undefined) return
    const { environment, ageMs } = this.#options
    const nowMs = environment.nowMs()
    const [young] = this.#young.values()
    const [closeMs] = this.#told.values()
    if (young === undefined && closeMs === undefined) return
    const lookMs =
      young === undefined ? Number.POSITIVE_INFINITY : Math.max(young.earliestMs - nowMs, ageMs / looksPerAge)
    const leftMs = Math.max(0, Math.min(lookMs, (closeMs ?? Number.POSITIVE_INFINITY) - nowMs, timerMsMax))
    this.#timer = environment.setTimer(leftMs, () => this.#look())
  }

  #look(): void {
    this.#timer = undefined
    const { environment, noticeMs } = this.#options
    const nowMs = environment.nowMs()
    for (const [connection, { earliestMs, dueMs }] of this.#young) {
      if (earliestMs > nowMs) break
      if (dueMs > nowMs) continue
      this.#young.delete(connection)
      this.#told.set(connection, nowMs + noticeMs)
      connection.announceEnd()
    }
    for (const [connection, closeMs] of this.#told) {
      if (closeMs > nowMs) break
      this.#told.delete(connection)
      void connection.close()
    }
    this.#wait()
  }
}
