import { Allowance, type SessionEnvironment } from '@frameport/protocol/session'
import type { ServerLimits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { Seats } from './seats.ts'

/** The limits that the connections of one share have in common. */
export interface Share {
  /** Undefined for connections that are not counted. */
  readonly key: string | undefined
  /** The log of the server, with the limit `logLinesPerShareSecondMax`. */
  readonly log: Logger
  /** The seats of its connections. */
  readonly seats: Seats
  /** False if the limit `handlersPerShareMax` is reached. */
  takeHandler(): boolean
  leaveHandler(): void
  /** False if the limit `refusalsPerShareSecondMax` is reached. */
  takeRefusal(): boolean
}

/** The share of connections that are not counted. */
export function noShare(log: Logger): Share {
  return {
    key: undefined,
    log,
    seats: new Seats({
      connectionsMax: Number.POSITIVE_INFINITY,
      detachedMax: Number.POSITIVE_INFINITY,
    }),
    takeHandler: () => true,
    leaveHandler() {},
    takeRefusal: () => true,
  }
}

/** The parts of the server that a counted share uses. */
export interface ShareServices {
  readonly environment: SessionEnvironment
  readonly log: Logger
  readonly limits: ServerLimits
  /** Asks for a check of the share in a second: it is idle, or log lines were left out. */
  rests(share: CountedShare): void
}

export class CountedShare implements Share {
  readonly key: string
  readonly log: Logger
  readonly seats: Seats
  readonly #services: ShareServices
  readonly #refusals: Allowance
  /** One for each level, so that a flood of lines at one level does not hide errors. */
  readonly #lines = new Map<keyof Logger, Allowance>()
  #handlers = 0
  #linesLeftOut = 0

  constructor(key: string, services: ShareServices) {
    const { limits } = services
    this.key = key
    this.#services = services
    this.seats = new Seats({
      connectionsMax: limits.connectionsPerShareMax,
      detachedMax: limits.detachedPerShareMax,
      emptied: () => this.#restWhenIdle(),
    })
    this.#refusals = this.#allowance(limits.refusalsPerShareSecondMax)
    const line = (level: keyof Logger) => (facts: Readonly<Record<string, unknown>>, text: string) =>
      this.#write(level, facts, text)
    this.log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  }

  /** It has neither connections nor running handlers. */
  get isIdle(): boolean {
    return this.seats.isEmpty && this.#handlers === 0
  }

  /** It can be removed: a new share with the same key would have the same state. */
  get isForgettable(): boolean {
    return this.isIdle && [this.#refusals, ...this.#lines.values()].every(({ isFull }) => isFull)
  }

  takeHandler(): boolean {
    if (this.#handlers >= this.#services.limits.handlersPerShareMax) return false
    this.#handlers++
    return true
  }

  leaveHandler(): void {
    this.#handlers--
    this.#restWhenIdle()
  }

  takeRefusal(): boolean {
    return this.#refusals.take()
  }

  /** Logs how many lines were left out since the last time. */
  sayLeftOut(): void {
    const lines = this.#linesLeftOut
    if (lines === 0) return
    this.#linesLeftOut = 0
    this.#services.log.warn(
      { share: this.key, lines },
      'log lines about the connections of one share were left out: there were more than logLinesPerShareSecondMax',
    )
  }

  #write(level: keyof Logger, facts: Readonly<Record<string, unknown>>, text: string): void {
    if (this.#linesOf(level).take()) {
      this.#services.log[level](facts, text)
      return
    }
    this.#linesLeftOut++
    this.#services.rests(this)
  }

  #linesOf(level: keyof Logger): Allowance {
    let lines = this.#lines.get(level)
    if (lines === undefined) {
      lines = this.#allowance(this.#services.limits.logLinesPerShareSecondMax)
      this.#lines.set(level, lines)
    }
    return lines
  }

  #allowance(perSecond: number): Allowance {
    return new Allowance(this.#services.environment, { burst: perSecond, perSecond })
  }

  #restWhenIdle(): void {
    if (this.isIdle) this.#services.rests(this)
  }
}
