import { CallerRules } from './caller-rules.ts'
import { EventRules } from './event-rules.ts'
import { HandlerRules } from './handler-rules.ts'
import { HostRules } from './host-rules.ts'
import { LinkRules } from './link-rules.ts'
import { RestRules } from './rest-rules.ts'
import type { Entry, Facts } from './trace.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

/**
 * What applications may observe of whole clients and servers on an unreliable network, according to the types and the
 * documentation of the library. It shares no code with the library and sees none of its bytes, only what callers,
 * handlers and subscribers do and observe.
 */
export class Model {
  readonly #world: World
  readonly #hosts: HostRules
  readonly #links: LinkRules
  readonly #callers: CallerRules
  readonly #handlers: HandlerRules
  readonly #events: EventRules
  readonly #rest: RestRules
  /** The first rule that was broken. */
  violation: Violation | undefined

  constructor(facts: Facts) {
    this.#world = new World(facts)
    this.#hosts = new HostRules(this.#world)
    this.#callers = new CallerRules(this.#world)
    this.#handlers = new HandlerRules(this.#world)
    this.#events = new EventRules(this.#world)
    this.#links = new LinkRules(this.#world, this.#events)
    this.#rest = new RestRules(this.#world)
  }

  /** Whether no rule of rest would be broken now. */
  get isAtRest(): boolean {
    try {
      this.#checkRest()
      return true
    } catch (error) {
      if (error instanceof Violation) return false
      throw error
    }
  }

  /** Keeps the first violation and never throws, because the caller may be in a callback of the library. */
  see(entry: Entry): void {
    if (this.violation !== undefined) return
    try {
      this.#see(entry)
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.violation = error
    }
  }

  #see(entry: Entry): void {
    const { atMs } = entry
    if (atMs > this.#world.nowMs) {
      this.#world.nowMs = atMs
      this.#links.pass(atMs)
      this.#callers.pass(atMs)
      this.#handlers.pass(atMs)
    }
    if (entry.what === 'rest') this.#checkRest()
    else if (
      !this.#hosts.see(entry) &&
      !this.#links.see(entry) &&
      !this.#callers.see(entry) &&
      !this.#handlers.see(entry) &&
      !this.#events.see(entry)
    ) {
      this.#rest.see(entry)
    }
  }

  #checkRest(): void {
    this.#callers.rest()
    this.#handlers.rest()
    this.#rest.rest()
    this.#events.rest()
  }
}
