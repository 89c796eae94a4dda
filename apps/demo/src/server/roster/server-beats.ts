import type { BusMember, EventBus, Logger } from '@frameport/server'
import * as z from 'zod'
import type { ChatClock } from '../../chat-clock.ts'
import { limits } from '../../limits.ts'

/** Where the other servers of a chat reach this one for files, and what they show there. */
export const PeerAddress = z.object({ url: z.string().max(300), token: z.string().max(100) })
export type PeerAddress = z.infer<typeof PeerAddress>

/** A server is there: on the bus, since nobody needs to know it later. */
const Beat = z.object({ server: z.string().min(1).max(64), peer: PeerAddress.optional() })
const topic = { event: 'chat-servers@1/here', topic: '' }

export interface ServerBeatsOptions {
  readonly id: string
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
  /** On the clock of this server. */
  readonly #heard = new Map<string, { readonly atMs: number; readonly peer?: PeerAddress | undefined }>()
  #bus: BusMember | undefined
  #peer: PeerAddress | undefined
  #stopTimer: () => void = () => undefined

  constructor(options: ServerBeatsOptions) {
    this.#options = options
  }

  /** Settles when the others are heard. */
  async listen(): Promise<void> {
    this.#bus = this.#options.bus?.join({
      event: ({ body }) => this.#take(body.bytes),
      gap: () => undefined,
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
  heardOf(server: string, peer = this.peerOf(server)): void {
    // The bus and the log are of this chat alone: so many servers are a mistake, and take no memory.
    if (!this.#heard.has(server) && this.#heard.size >= limits.serversMax) this.#dropSilent()
    if (this.#heard.has(server) || this.#heard.size < limits.serversMax)
      this.#heard.set(server, { atMs: this.#options.clock.nowMs(), peer })
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
    const bytes = new TextEncoder().encode(JSON.stringify({ server, peer: this.#peer }))
    const said = async () => this.#bus?.publish({ ...topic, body: { encoding: 'codec', bytes } })
    // A bus that is away is told of by the server that uses it, too.
    said().catch((err: unknown) => logger.debug({ err }, 'the other servers were not reached'))
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
    if (beat.success) this.heardOf(beat.data.server, beat.data.peer)
  }

  #dropSilent(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const [server, { atMs }] of this.#heard)
      if (nowMs - atMs > limits.serverSilentMs) this.#heard.delete(server)
  }
}
