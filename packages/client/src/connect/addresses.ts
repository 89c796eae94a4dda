import type { ByteStream, FrameChannel } from '@frameport/framing'
import { textOfThrown } from '@frameport/protocol/checks'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Connector } from '../connector.ts'

/** A connector that keeps its own time says more about it, and is waited for this much longer. */
export const ownTimeoutGraceMs = 100

/** What is asked of an attempt to connect to whichever address takes it. */
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
  #at = 0

  /** @param connectors at least one */
  constructor(connectors: readonly Connector[], environment: SessionEnvironment) {
    this.#connectors = connectors
    this.#environment = environment
  }

  /** Of the address that was tried last. */
  get url(): string {
    return this.#connector.url
  }

  /** What fails is said of all that were tried. */
  get urls(): string {
    return this.#connectors.map(({ url }) => url).join(', ')
  }

  /** The server there does not want this client, or wants it to leave: another address is tried before. */
  moveOn(): void {
    this.#at = (this.#at + 1) % this.#connectors.length
  }

  /** Rejects when no address takes the connection, with an error that says why of each. */
  async connect({ signal, timeoutMs }: AddressAttempt): Promise<FrameChannel | ByteStream> {
    const count = this.#connectors.length
    if (count === 1) return await this.#connect({ signal, timeoutMs })
    const untilMs = this.#environment.nowMs() + timeoutMs
    const problems: string[] = []
    const causes: unknown[] = []
    for (let left = count; left > 0; left--) {
      const shareMs = Math.max(1, Math.floor((untilMs - this.#environment.nowMs()) / left))
      try {
        return await this.#within(shareMs, signal)
      } catch (error) {
        signal.throwIfAborted()
        problems.push(`${this.url}: ${textOfThrown(error)}`)
        causes.push(error)
        this.moveOn()
      }
    }
    throw new AggregateError(causes, problems.join('; '))
  }

  /** The client is closed. @returns what the connectors say to it */
  release(): unknown {
    const freed = [...this.#used].map((connector) => connector.release?.())
    return freed.length === 1 ? freed[0] : Promise.all(freed)
  }

  get #connector(): Connector {
    return this.#connectors[this.#at] as Connector
  }

  #connect(attempt: AddressAttempt): Promise<FrameChannel | ByteStream> {
    const connector = this.#connector
    const again = this.#used.has(connector)
    this.#used.add(connector)
    return connector.connect({ ...attempt, ...(again ? { again } : {}) })
  }

  /** One address has its share of the time, whether it keeps to it by itself or not. */
  #within(timeoutMs: number, outer: AbortSignal): Promise<FrameChannel | ByteStream> {
    return new Promise((resolve, reject) => {
      const abort = new AbortController()
      const giveUp = (reason: unknown) => {
        over()
        abort.abort(reason)
        reject(reason)
      }
      const left = () => giveUp(outer.reason)
      const timer = this.#environment.setTimer(timeoutMs + ownTimeoutGraceMs, () =>
        giveUp(new Error(`it did not connect within ${timeoutMs} ms`)),
      )
      const over = () => {
        timer.cancel()
        outer.removeEventListener('abort', left)
      }
      outer.addEventListener('abort', left)
      this.#connect({ signal: abort.signal, timeoutMs }).then(
        (connection) => {
          over()
          if (abort.signal.aborted) connection.abort()
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
