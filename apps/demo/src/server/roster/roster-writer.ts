import { contract, event, procedure } from '@frameport/protocol'
import type { EventLog, Logger } from '@frameport/server'
import type { ChatClock } from '../../chat-clock.ts'
import { RosterChange } from './roster-change.ts'

/** The messages between the servers of a chat. The server does not serve this contract to clients. */
const chatServers = contract('chat-servers', {
  version: 1,
  procedures: { here: procedure({}) },
  events: { roster: event(RosterChange, { subscribe: 'clients' }) },
})
export const { roster: rosterEvent } = chatServers.events

export interface RosterWriterOptions {
  /** The server that makes the changes. */
  readonly id: string
  /** The log that all servers of the chat share. */
  readonly log: EventLog
  /** Returns true while the log cannot be reached. The code that detects this also logs it. Default: always false. */
  readonly isAway?: (() => boolean) | undefined
  readonly clock: ChatClock
  readonly logger: Logger
}

/** A change without the fields that all changes have. */
type Told<Change> = Change extends unknown ? Omit<Change, 'atMs' | 'from'> : never

/** Appends the changes of one server to the log of the roster, and repeats the ones that must arrive. */
export class RosterWriter {
  readonly #options: RosterWriterOptions
  /** Changes of sessions and offers that the log has not accepted yet. */
  readonly #unsaid = new Map<string, Told<RosterChange>>()
  #owesList = false
  #isClosed = false

  constructor(options: RosterWriterOptions) {
    this.#options = options
  }

  /** The other servers may not know the members of this server. */
  get owesList(): boolean {
    return this.#owesList
  }

  /** Rejects when the log cannot be reached. */
  async append(change: Told<RosterChange>): Promise<void> {
    const { id, log, clock } = this.#options
    const bytes = new TextEncoder().encode(JSON.stringify({ ...change, from: id, atMs: clock.dateMs() }))
    await log.append({ event: rosterEvent.wireName, topic: '', body: { encoding: 'codec', bytes } })
  }

  /** Appends a change. If the log does not accept it, the next list of members repairs what it would have changed. */
  tell(change: Told<RosterChange>): void {
    this.append(change).catch((err: unknown) => this.#notTold(err, change))
  }

  /** Appends the outcome of a session or an offer. It is repeated until the log accepts it, and only the newest outcome is kept. */
  tellOf(what: string, change: Told<RosterChange>): void {
    // A member that leaves from now on may come back to another server or to the next one.
    if (this.#isClosed) return
    this.#unsaid.set(what, change)
    this.#say(what, change)
  }

  /** Appends the list of members, which repairs the changes that were lost. */
  tellList(list: Told<RosterChange>): void {
    this.#owesList = false
    this.tell(list)
  }

  /** Repeats the outcomes that the log did not accept. */
  repeat(): void {
    for (const [what, change] of this.#unsaid) this.#say(what, change)
  }

  /** The code that detects an unreachable log reports it once. Its consequences are therefore only debug entries. */
  failed(facts: Readonly<Record<string, unknown>>, text: string): void {
    const { logger, isAway } = this.#options
    logger[isAway?.() === true ? 'debug' : 'warn'](facts, text)
  }

  /** Outcomes are no longer appended, and failures are no longer reported. */
  close(): void {
    this.#isClosed = true
  }

  #say(what: string, change: Told<RosterChange>): void {
    this.append(change).then(
      () => {
        if (this.#unsaid.get(what) === change) this.#unsaid.delete(what)
      },
      (err: unknown) => this.#notTold(err, change),
    )
  }

  #notTold(err: unknown, { kind }: Told<RosterChange>): void {
    if (this.#isClosed) return
    this.#owesList = true
    this.failed({ err, kind }, 'could not notify the other servers: trying again')
  }
}
