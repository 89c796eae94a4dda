import type { BusMember, EventBus, Logger } from '@frameport/server'
import * as z from 'zod'
import type { ChatClock } from '../../chat-clock.ts'
import { limits } from '../../limits.ts'

/** Where the other servers of a chat reach this one for files, and what they show there. */
export const PeerAddress = z.object({ url: z.string().max(300), token: z.string().max(100) })
export type PeerAddress = z.infer<typeof PeerAddress>

/** A server is there: on the bus, since nobody needs to know it later. */
const Beat = z.object({
  server: z.string().min(1).max(64),
  peer: PeerAddress.optional(),
  process: z.string().min(1).max(64).optional(),
})
const topic = { event: 'chat-servers@1/here', topic: '' }

/** The process of a server, which may have several, as threads. */
export interface ServerProcess {
  /** The same for all servers of the process, and another one after each start. */
  readonly id: string
  /** Whether this server logs which other processes come and go. One of each process does. */
  readonly logs: boolean
}

/** What is known of another server. */
interface Heard {
  /** On the clock of this server. */
  readonly atMs: number
  readonly peer?: PeerAddress | undefined
  /** Its process; undefined: it is not known to be here. */
  readonly process?: string | undefined
}

export interface ServerBeatsOptions {
  readonly id: string
  /** Default: a process of its own. */
  readonly process?: ServerProcess | undefined
  /** Undefined: there are no other servers. */
  readonly bus?: EventBus | undefined
  readonly clock: ChatClock
  readonly logger: Logger
  /** Called with each beat of this server. */
  readonly onBeat: () => void
}

/** Says to the other servers of the chat that this one is there, and knows when each of them was heard of last. */
export class ServerBeats {
  readonly #options: ServerBeatsOptions
  readonly #process: ServerProcess
  readonly #heard = new Map<string, Heard>()
  #bus: BusMember | undefined
  #peer: PeerAddress | undefined
  #stopTimer: () => void = () => undefined

  constructor(options: ServerBeatsOptions) {
    this.#options = options
    this.#process = options.process ?? { id: options.id, logs: true }
  }

  /** Settles when the others are heard. */
  async listen(): Promise<void> {
    this.#bus = this.#options.bus?.join({
      event: ({ body }) => this.#take(body.bytes),
      gap: () => this.#wasDeaf(),
    })
    await this.#bus?.listen(topic)
  }

  /** @param peer where the others reach this server for files; undefined: nowhere */
  start(peer?: PeerAddress): void {
    this.#peer = peer
    this.say()
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#stopTimer()
    await this.#bus?.leave()
  }

  /** Where a server has files for this one. */
  peerOf(server: string): PeerAddress | undefined {
    return this.#heard.get(server)?.peer
  }

  /** It has made a change, or has said that it is there. */
  heardOf(server: string, peer = this.peerOf(server), process = this.#heard.get(server)?.process): void {
    // The bus and the log are of this chat alone: so many servers are a mistake, and take no memory.
    if (!this.#heard.has(server) && this.#heard.size >= limits.serversMax) this.#dropSilent()
    if (this.#heard.has(server) || this.#heard.size < limits.serversMax)
      this.#heard.set(server, { atMs: this.#options.clock.nowMs(), peer, process })
  }

  /** A server has ended, or is taken for dead. */
  gone(server: string, { hasSaidSo }: { readonly hasSaidSo: boolean }): void {
    const heard = this.#heard.get(server)
    if (heard?.process === undefined) return
    const { process } = heard
    this.#heard.set(server, { ...heard, process: undefined })
    if (hasSaidSo) this.#log('info', process, { server }, 'another server of this chat has ended')
    else this.#log('warn', process, { server }, 'another server of this chat has gone silent')
  }

  /** For how long it was not heard of; since it was asked for first, when it was never. */
  silentMs(server: string): number {
    const heard = this.#heard.get(server)
    if (heard === undefined) this.heardOf(server)
    return heard === undefined ? 0 : this.#options.clock.nowMs() - heard.atMs
  }

  /** Says it now: to a server that has begun and knows nobody. */
  say(): void {
    const { id: server, logger } = this.#options
    const bytes = new TextEncoder().encode(
      JSON.stringify({ server, peer: this.#peer, process: this.#process.id }),
    )
    const said = async () => this.#bus?.publish({ ...topic, body: { encoding: 'codec', bytes } })
    // A bus that is away is told of by the server that uses it, too.
    said().catch((err: unknown) => {
      logger.debug({ err }, 'could not reach the other servers')
      this.#wasDeaf()
    })
  }

  #schedule(): void {
    this.#stopTimer = this.#options.clock.after(limits.serverBeatMs, () => {
      this.say()
      this.#options.onBeat()
      this.#schedule()
    })
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length > limits.serverBeatBytesMax) return
    let text: unknown
    try {
      text = JSON.parse(new TextDecoder().decode(bytes))
    } catch {
      return
    }
    const beat = Beat.safeParse(text)
    if (beat.success) this.#heardBeat(beat.data)
  }

  #heardBeat({ server, peer, process = server }: z.infer<typeof Beat>): void {
    const isNew = this.#heard.get(server)?.process === undefined && server !== this.#options.id
    if (isNew)
      this.#log('info', process, { server, files: peer?.url }, 'another server of this chat has appeared')
    this.heardOf(server, peer, process)
  }

  /** One entry for each other process: what concerns threads of this one, or further threads of another one, is for a closer look. */
  #log(
    level: 'info' | 'warn',
    process: string,
    facts: Readonly<Record<string, unknown>>,
    text: string,
  ): void {
    const isKnown = [...this.#heard.values()].some((heard) => heard.process === process)
    const isNews = this.#process.logs && process !== this.#process.id && !isKnown
    this.#options.logger[isNews ? level : 'debug'](facts, text)
  }

  /** Nobody could be heard: their silence begins now. */
  #wasDeaf(): void {
    const atMs = this.#options.clock.nowMs()
    for (const [server, heard] of this.#heard) this.#heard.set(server, { ...heard, atMs })
  }

  #dropSilent(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const [server, { atMs }] of this.#heard)
      if (nowMs - atMs > limits.serverSilentMs) this.#heard.delete(server)
  }
}
