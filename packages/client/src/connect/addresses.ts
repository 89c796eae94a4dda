import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly, callReporting } from '@frameport/framing/checks'
import type { SessionCloseReason } from '@frameport/protocol'
import { timerMsMax } from '@frameport/protocol/checks'
import { type SessionEnvironment, startPeerTimer } from '@frameport/protocol/session'
import type { Connector } from '../connector.ts'
import { believedRetryAfterMs } from './reconnect-delay.ts'

/** A connector that keeps its own time says more about it, and is waited for this much longer. */
export const ownTimeoutGraceMs = 100

/** What is asked of an attempt to connect to one address. */
export interface AddressAttempt {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** Where the servers of one client are: one address, or several that are tried in turn, the one that was good last first. */
export class Addresses {
  readonly #connectors: readonly Connector[]
  readonly #environment: SessionEnvironment
  /** Those that were asked to connect once: what they took is freed at the end. */
  readonly #used = new Set<Connector>()
  /** Those where another attempt would meet the same, with what it was, until there is a connection. */
  readonly #ruledOut = new Map<Connector, SessionCloseReason>()
  /** When servers that have said so may be asked again. */
  readonly #notBeforeMs = new Map<Connector, number>()
  #at = 0

  /** @param connectors at least one. One that is there twice is one address */
  constructor(connectors: readonly Connector[], environment: SessionEnvironment) {
    this.#connectors = [...new Set(connectors)]
    this.#environment = environment
  }

  get areSeveral(): boolean {
    return this.#connectors.length > 1
  }

  /** Of the address that was tried last. */
  get url(): string {
    return this.#current.url
  }

  /** What fails is said of all of them. */
  get urls(): string {
    return this.#connectors.map(({ url }) => url).join(', ')
  }

  /** Those to try now, one after the other. */
  get inTurn(): readonly Connector[] {
    const nowMs = this.#environment.nowMs()
    const all = [...this.#connectors.slice(this.#at), ...this.#connectors.slice(0, this.#at)]
    const possible = all.filter((connector) => !this.#ruledOut.has(connector))
    const due = possible.filter((connector) => (this.#notBeforeMs.get(connector) ?? nowMs) <= nowMs)
    return due.length === 0 ? possible : due
  }

  /** Why none comes into question any more: the refusal of a server, or what was met last. Undefined while one does. */
  get verdict(): SessionCloseReason | undefined {
    if (this.#ruledOut.size < this.#connectors.length) return undefined
    const reasons = [...this.#ruledOut.values()]
    return reasons.find(({ code }) => code === 'HELLO_REFUSED') ?? reasons.at(-1)
  }

  /** How long the servers of all addresses want to be left alone, the first of them. Undefined when one did not say. */
  get retryAfterMs(): number | undefined {
    const possible = this.#connectors.filter((connector) => !this.#ruledOut.has(connector))
    const dueMs = possible.map((connector) => this.#notBeforeMs.get(connector))
    if (dueMs.length === 0 || dueMs.includes(undefined)) return undefined
    return Math.max(0, Math.min(...(dueMs as number[])) - this.#environment.nowMs())
  }

  /** The server there does not want this client, or wants it to leave: another address is tried before. */
  moveOn(): void {
    this.#at = (this.#at + 1) % this.#connectors.length
  }

  /** The server at the address that was tried last wants to be left alone. */
  askedToWait(retryAfterMs: number): void {
    const untilMs = this.#environment.nowMs() + believedRetryAfterMs(retryAfterMs)
    this.#notBeforeMs.set(this.#current, untilMs)
  }

  /** Another attempt at the address that was tried last would end as this one did. */
  ruleOut(reason: SessionCloseReason): void {
    this.#ruledOut.set(this.#current, reason)
  }

  /** There is a connection to the address that was tried last. What was wrong with others may be over when they are needed. */
  connected(): void {
    this.#ruledOut.clear()
    this.#notBeforeMs.delete(this.#current)
  }

  /** @param connector one of `inTurn` */
  connect(connector: Connector, attempt: AddressAttempt): Promise<FrameChannel | ByteStream> {
    this.#at = this.#connectors.indexOf(connector)
    return this.areSeveral ? this.#within(attempt) : this.#connect(attempt)
  }

  /** The client is closed. @param failed told what a connector throws, or rejects with: the others are released all the same */
  release(failed: (error: unknown) => void): void {
    for (const connector of this.#used) callReporting(() => connector.release?.(), failed)
  }

  get #current(): Connector {
    return this.#connectors[this.#at] as Connector
  }

  /** Whatever a connector throws, or gives in place of a promise. */
  async #connect(attempt: AddressAttempt): Promise<FrameChannel | ByteStream> {
    const connector = this.#current
    const again = this.#used.has(connector)
    this.#used.add(connector)
    return await connector.connect({ ...attempt, ...(again ? { again } : {}) })
  }

  /** One address has its share of the time, whether it keeps to it by itself or not. */
  #within({ timeoutMs, signal: outer }: AddressAttempt): Promise<FrameChannel | ByteStream> {
    return new Promise((resolve, reject) => {
      const abort = new AbortController()
      const giveUp = (reason: unknown) => {
        over()
        abort.abort(reason)
        reject(reason)
      }
      const left = () => giveUp(outer.reason)
      const timer = startPeerTimer(
        this.#environment,
        Math.min(timeoutMs + ownTimeoutGraceMs, timerMsMax),
        () => giveUp(new Error(`it did not connect within ${timeoutMs} ms`)),
      )
      const over = () => {
        timer.cancel()
        outer.removeEventListener('abort', left)
      }
      outer.addEventListener('abort', left)
      this.#connect({ signal: abort.signal, timeoutMs }).then(
        (connection) => {
          over()
          if (abort.signal.aborted) abortQuietly(connection)
          else resolve(connection)
        },
        (error: unknown) => {
          over()
          reject(error)
        },
      )
    })
  }
}
