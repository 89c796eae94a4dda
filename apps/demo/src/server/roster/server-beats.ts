import type { BusMember, EventBus, Logger } from '@frameport/server'
import * as z from 'zod'
import type { ChatClock } from '../../chat-clock.ts'
import { limits } from '../../limits.ts'

/** The address at which the other servers of a chat get files from this one, and the token that they present there. */
export const PeerAddress = z.object({ url: z.string().max(300), token: z.string().max(100) })
export type PeerAddress = z.infer<typeof PeerAddress>

/** A sign of life of a server. It goes over the bus and not into the log, because it has no meaning later. */
const Beat = z.object({
  server: z.string().min(1).max(64),
  peer: PeerAddress.optional(),
  process: z.string().min(1).max(64).optional(),
})
const topic = { event: 'chat-servers@1/here', topic: '' }

/** The process of a server. A process may run several servers, as threads. */
export interface ServerProcess {
  /** The same for all servers of the process, and new after each start. */
  readonly id: string
  /** Whether this server logs the other processes that appear and end. One server of each process does this. */
  readonly logs: boolean
}

/** Facts about another server. */
interface Heard {
  /** On the clock of this server. */
  readonly atMs: number
  readonly peer?: PeerAddress | undefined
  /** Its process; undefined if the server has not announced itself, or is gone. */
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

/** Sends signs of life to the other servers of the chat, and records when each of them was last heard. */
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

  /** Settles when this server receives the signs of life of the others. */
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

  /** The address at which a server offers its files. */
  peerOf(server: string): PeerAddress | undefined {
    return this.#heard.get(server)?.peer
  }

  /** Records that a server made a change or sent a sign of life. */
  heardOf(server: string, peer = this.peerOf(server), process = this.#heard.get(server)?.process): void {
    // Only servers of this chat use the bus and the log. A larger number of servers is a mistake, and must not take
    // memory.
    if (!this.#heard.has(server) && this.#heard.size >= limits.serversMax) this.#dropSilent()
    if (this.#heard.has(server) || this.#heard.size < limits.serversMax)
      this.#heard.set(server, { atMs: this.#options.clock.nowMs(), peer, process })
  }

  /** A server has ended, or is considered dead. */
  gone(server: string, { hasSaidSo }: { readonly hasSaidSo: boolean }): void {
    const heard = this.#heard.get(server)
    if (heard?.process === undefined) return
    const { process } = heard
    this.#heard.set(server, { ...heard, process: undefined })
    if (hasSaidSo) this.#log('info', process, { server }, 'another server of this chat has ended')
    else this.#log('warn', process, { server }, 'another server of this chat has gone silent')
  }

  /**
   * Returns for how long a server has been silent. For a server that was never heard, the time starts with the first
   * call.
   */
  silentMs(server: string): number {
    const heard = this.#heard.get(server)
    if (heard === undefined) this.heardOf(server)
    return heard === undefined ? 0 : this.#options.clock.nowMs() - heard.atMs
  }

  /** Sends a sign of life now, for example to a server that has just started. */
  say(): void {
    const { id: server, logger } = this.#options
    const bytes = new TextEncoder().encode(
      JSON.stringify({ server, peer: this.#peer, process: this.#process.id }),
    )
    const said = async () => this.#bus?.publish({ ...topic, body: { encoding: 'codec', bytes } })
    // The server that uses the bus reports an unreachable bus, too.
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

  /**
   * Logs one entry for each other process. Entries about threads of this process, or about further threads of another
   * one, have the level debug.
   */
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

  /** This server could not hear the others, so their silence starts now. */
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
