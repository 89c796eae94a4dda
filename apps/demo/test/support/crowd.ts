import { type Client, createClient } from '@frameport/client'
import { chat } from '../../src/chat-contract.ts'
import { memberLimits } from '../../src/connection-limits.ts'
import { limits } from '../../src/limits.ts'
import { Member } from '../../src/member/member.ts'
import type { RoomFiles } from '../../src/member/room-files.ts'

const noFiles: RoomFiles = {
  entered: () => undefined,
  heardOffer: () => undefined,
  heardClosed: () => undefined,
  list: async () => undefined,
  stop: async () => undefined,
}

/** A member without a screen, who continues at another address when its server fails. */
export class Guest {
  readonly name: string
  readonly room: string
  /** Lines in the order in which they were shown. */
  readonly shown: string[] = []
  /** Lines that the server has confirmed. */
  readonly confirmed: string[] = []
  readonly notices: string[] = []
  /** The number of lost connections. */
  losses = 0
  readonly #client: Client<typeof chat>
  readonly #member: Member

  constructor(name: string, room: string, urls: readonly string[]) {
    this.name = name
    this.room = room
    this.#client = createClient(chat, urls, {
      // The same as in a terminal, because only the back end of the servers is tested.
      backend: 'net',
      auth: `token-of-${name}`.padEnd(40, '_'),
      reconnect: { delayMaxMs: limits.reconnectDelayMaxMs },
      limits: memberLimits,
      onStateChange: ({ state }) => {
        if (state !== 'reconnecting') return
        this.losses += 1
        this.#member.lost()
      },
      onSession: (start) => {
        if (!start.isFirst) this.#member.back(start)
      },
      onEventGap: (missed) => this.#member.missed(missed),
      onSubscribeFailed: () => undefined,
    })
    this.#member = new Member({
      client: this.#client,
      name,
      show: (entry) => {
        if (entry.kind === 'line') this.shown.push(entry.text)
        else if (entry.kind === 'notice') this.notices.push(entry.text)
      },
      changed: () => undefined,
      statusAsNotices: false,
      files: () => noFiles,
      expelled: (why) => this.notices.push(why),
    })
  }

  async enter(): Promise<void> {
    const fault = await this.#member.join(this.room)
    if (fault !== undefined) throw new Error(`${this.name}: ${fault}`)
  }

  /** Says a line, and waits until it is kept. */
  async say(text: string): Promise<void> {
    const fault = await this.#member.say(text)
    if (fault !== undefined) throw new Error(`${this.name} could not say ${text}: ${fault}`)
    this.confirmed.push(text)
  }

  get people(): readonly string[] {
    return this.#member.people.map(({ name, isAway }) => `${name}${isAway ? ' (away)' : ''}`)
  }

  /** Whether it is in its room, and connected. */
  get isPresent(): boolean {
    return this.#member.isPresent
  }

  who(): Promise<unknown> {
    return this.#member.who()
  }

  async leave(): Promise<void> {
    this.#member.stopWaiting()
    await this.#client.$close({ graceMs: 0 })
  }
}
