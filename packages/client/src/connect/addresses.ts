import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly, callReporting } from '@frameport/framing/checks'
import type { SessionCloseReason } from '@frameport/protocol'
import { timerMsMax } from '@frameport/protocol/checks'
import { type SessionEnvironment, startPeerTimer } from '@frameport/protocol/session'
import type { Connector } from '../connector.ts'
import { believedRetryAfterMs } from './reconnect-delay.ts'

/** A connector with a timeout of its own has a better error text, so the client waits this much longer. */
export const ownTimeoutGraceMs = 100

/** The options of an attempt to connect to one address. */
export interface AddressAttempt {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** The addresses of the servers of one client: one, or several that are tried in turn, starting with the last good one. */
export class Addresses {
  readonly #connectors: readonly Connector[]
  readonly #environment: SessionEnvironment
  /** The connectors that were used. Their resources are released at the end. */
  readonly #used = new Set<Connector>()
  /**
   * The connectors with which another attempt would fail in the same way, with the reason. A connection clears them.
   */
  readonly #ruledOut = new Map<Connector, SessionCloseReason>()
  /** The earliest times for servers that have asked to wait. */
  readonly #notBeforeMs = new Map<Connector, number>()
  #at = 0

  /** @param connectors at least one. A connector that occurs twice is one address */
  constructor(connectors: readonly Connector[], environment: SessionEnvironment) {
    this.#connectors = [...new Set(connectors)]
    this.#environment = environment
  }

  get areSeveral(): boolean {
    return this.#connectors.length > 1
  }

  /** The address that was tried last. */
  get url(): string {
    return this.#current.url
  }

  /** All addresses, for the text of a failure. */
  get urls(): string {
    return this.#connectors.map(({ url }) => url).join(', ')
  }

  /** The connectors to try now, in order. */
  get inTurn(): readonly Connector[] {
    const nowMs = this.#environment.nowMs()
    const all = [...this.#connectors.slice(this.#at), ...this.#connectors.slice(0, this.#at)]
    const possible = all.filter((connector) => !this.#ruledOut.has(connector))
    const due = possible.filter((connector) => (this.#notBeforeMs.get(connector) ?? nowMs) <= nowMs)
    return due.length === 0 ? possible : due
  }

  /**
   * The reason why no address can be tried any more: the refusal of a server, or the last failure. Undefined while one
   * can.
   */
  get verdict(): SessionCloseReason | undefined {
    if (this.#ruledOut.size < this.#connectors.length) return undefined
    const reasons = [...this.#ruledOut.values()]
    return reasons.find(({ code }) => code === 'HELLO_REFUSED') ?? reasons.at(-1)
  }

  /** The time until the first server may be tried again. Undefined if one of them did not ask clients to wait. */
  get retryAfterMs(): number | undefined {
    const possible = this.#connectors.filter((connector) => !this.#ruledOut.has(connector))
    const dueMs = possible.map((connector) => this.#notBeforeMs.get(connector))
    if (dueMs.length === 0 || dueMs.includes(undefined)) return undefined
    return Math.max(0, Math.min(...(dueMs as number[])) - this.#environment.nowMs())
  }

  /** The server at this address refuses the client, or asks it to leave: try another address first. */
  moveOn(): void {
    this.#at = (this.#at + 1) % this.#connectors.length
  }

  /** The server at the address that was tried last asked the client to wait. */
  askedToWait(retryAfterMs: number): void {
    const untilMs = this.#environment.nowMs() + believedRetryAfterMs(retryAfterMs)
    this.#notBeforeMs.set(this.#current, untilMs)
  }

  /** Another attempt at the address that was tried last would end in the same way. */
  ruleOut(reason: SessionCloseReason): void {
    this.#ruledOut.set(this.#current, reason)
  }

  /** There is a connection to the last address. The problems of the others may be over before the next attempt. */
  connected(): void {
    this.#ruledOut.clear()
    this.#notBeforeMs.delete(this.#current)
  }

  /** @param connector one of `inTurn` */
  connect(connector: Connector, attempt: AddressAttempt): Promise<FrameChannel | ByteStream> {
    this.#at = this.#connectors.indexOf(connector)
    return this.areSeveral ? this.#within(attempt) : this.#connect(attempt)
  }

  /**
   * Called when the client is closed.
   *
   * @param failed called with an error of a connector; the others are released nevertheless
   */
  release(failed: (error: unknown) => void): void {
    for (const connector of this.#used) callReporting(() => connector.release?.(), failed)
  }

  get #current(): Connector {
    return this.#connectors[this.#at] as Connector
  }

  /** Turns a connector that throws, or returns no promise, into a promise. */
  async #connect(attempt: AddressAttempt): Promise<FrameChannel | ByteStream> {
    const connector = this.#current
    const again = this.#used.has(connector)
    this.#used.add(connector)
    return await connector.connect({ ...attempt, ...(again ? { again } : {}) })
  }

  /** Limits one address to its share of the time, even if its connector ignores the limit. */
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
