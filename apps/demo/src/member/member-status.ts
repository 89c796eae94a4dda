import type { Presence } from '../chat-contract.ts'
import { Company, type Person } from './company.ts'
import type { FileProgress } from './file-progress.ts'
import type { OutageFacts } from './outage.ts'
import type { StatusFacts } from './status-facts.ts'
import { Typists } from './typists.ts'

/**
 * The facts of a member that its status row shows: the members of its room, typing and transfers there, and problems
 * with the server.
 */
export class MemberStatus {
  readonly #told: (facts: StatusFacts) => void
  readonly #company = new Company()
  readonly #typists: Typists
  #room = ''
  #typing: readonly string[] = []
  #files: readonly FileProgress[] = []
  #lost: OutageFacts | undefined
  #silent: OutageFacts | undefined

  /** @param told called with each change */
  constructor(told: (facts: StatusFacts) => void) {
    this.#told = told
    this.#typists = new Typists((names) => {
      this.#typing = names
      this.tell()
    })
  }

  get names(): readonly string[] {
    return this.#company.names
  }

  get people(): readonly Person[] {
    return this.#company.people
  }

  /** `In lobby (2): alice, bob (away)`. */
  get company(): string {
    return `In ${this.#room} (${this.#company.size}): ${this.#company}`
  }

  /** The member entered this room, which has these members. */
  isIn(room: string, members: readonly string[], away: readonly string[]): void {
    this.#room = room
    this.#typists.clear()
    this.are(members, away)
    this.tell()
  }

  are(members: readonly string[], away: readonly string[]): void {
    this.#company.is(members, away)
  }

  /** The presence of a member has changed. */
  changed(presence: Presence): void {
    this.#typists.stopped(presence.name)
    this.#company.changed(presence)
  }

  /** Returns true when the name was not typing before. */
  typing(name: string): boolean {
    return this.#typists.typing(name)
  }

  stopped(name: string): void {
    this.#typists.stopped(name)
  }

  nobodyTypes(): void {
    this.#typists.clear()
  }

  progress(files: readonly FileProgress[]): void {
    this.#files = files
    this.tell()
  }

  /** The connection is lost; undefined: it is back. */
  lost(facts: OutageFacts | undefined): void {
    this.#lost = facts
    this.tell()
  }

  /** The server does not answer; undefined: it has answered, or the connection is lost. */
  silent(facts: OutageFacts | undefined): void {
    this.#silent = facts
    this.tell()
  }

  tell(): void {
    const [isSilent, outage] = this.#lost === undefined ? [true, this.#silent] : [false, this.#lost]
    this.#told({
      room: this.#room,
      members: this.#company.here,
      away: this.#company.away,
      outage: outage && { ...outage, isSilent },
      typing: this.#typing,
      files: this.#files,
    })
  }
}
