import { timerMsMax } from '@frameport/protocol/checks'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { AnnouncedConnection } from './end-announcement.ts'

/** A connection with a maximum age. */
export interface AgingConnection extends AnnouncedConnection {
  close(): Promise<void>
}

export interface ConnectionAgesOptions {
  readonly environment: SessionEnvironment
  /** The maximum age, plus or minus a tenth. */
  readonly ageMs: number
  /** The time between the request to the client to go elsewhere and the close. */
  readonly noticeMs: number
}

/** The maximum deviation of the age, so that connections that arrived together do not end together. */
const jitterPart = 1 / 10

/** The number of checks per age. */
const looksPerAge = 64

interface Age {
  /** A later connection is not due before this. */
  readonly earliestMs: number
  readonly dueMs: number
}

/** Ends connections that have become too old, with one timer for all of them. */
export class ConnectionAges {
  readonly #options: ConnectionAgesOptions
  /** In order of arrival. */
  readonly #young = new Map<AgingConnection, Age>()
  /** Connections whose clients were asked to leave, with the times at which they will be closed, in that order. */
  readonly #told = new Map<AgingConnection, number>()
  #timer: SessionTimer | undefined

  constructor(options: ConnectionAgesOptions) {
    this.#options = options
  }

  /** A client is connected. */
  began(connection: AgingConnection): void {
    const { environment, ageMs } = this.#options
    const nowMs = environment.nowMs()
    const part = 1 + jitterPart * (2 * environment.random() - 1)
    this.#young.set(connection, { earliestMs: nowMs + ageMs * (1 - jitterPart), dueMs: nowMs + ageMs * part })
    this.#wait()
  }

  /** A client is no longer connected. Idempotent. */
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
