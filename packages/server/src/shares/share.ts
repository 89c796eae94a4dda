import { Allowance, type SessionEnvironment } from '@frameport/protocol/session'
import type { ServerLimits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { Seats } from './seats.ts'

/** What the connections of one origin have together. */
export interface Share {
  /** Undefined for those that belong to none. */
  readonly key: string | undefined
  /** The log of the server, of which a share may write so many lines a second. */
  readonly log: Logger
  /** Those of its connections. */
  readonly seats: Seats
  /** False when it has as many as it may have. */
  takeHandler(): boolean
  leaveHandler(): void
  /** False when too many of its calls were refused within a second. */
  takeRefusal(): boolean
}

/** The share of connections that belong to none: nothing is counted. */
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

/** What a counted share needs of the server. */
export interface ShareServices {
  readonly environment: SessionEnvironment
  readonly log: Logger
  readonly limits: ServerLimits
  /** Something of the share is to be looked at in a second: it is idle, or lines were left out. */
  rests(share: CountedShare): void
}

export class CountedShare implements Share {
  readonly key: string
  readonly log: Logger
  readonly seats: Seats
  readonly #services: ShareServices
  readonly #refusals: Allowance
  /** For each level, so that a flood of lines at one hides no errors. */
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

  /** Nothing of it is under way. */
  get isIdle(): boolean {
    return this.seats.isEmpty && this.#handlers === 0
  }

  /** It may be forgotten: a new one of the same key would be the same. */
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

  /** Says how many lines were left out since it last did. */
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
