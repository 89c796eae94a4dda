import type { BusEvent, BusMember, EventBus, Logger, Server } from '@frameport/server'
import type { ChatClock } from '../../chat-clock.ts'
import type { FiguresRow, FiguresTable, ServerFigures } from '../../figures-contract.ts'
import { limits } from '../../limits.ts'
import { FiguresWatch } from './figures-watch.ts'
import { Meter } from './meter.ts'
import { figuresBytes, OtherServers } from './other-servers.ts'
import { PeerWatch } from './peer-watch.ts'

/** A person on another server views the figures. Every server always listens to this topic. */
const lookTopic = { event: 'chat-servers@1/look', topic: '' }
/** The figures of one server. A server listens to this topic while one of its members views the figures. */
const figuresTopic = { event: 'chat-servers@1/figures', topic: '' }

export interface FiguresExchangeOptions {
  /** The id of this server, new after each start. */
  readonly id: string
  /** The name of this server for people, such as the name of a worker or a machine. */
  readonly label?: string | undefined
  /** A function, because the server is created later. */
  readonly server: () => Pick<Server, 'stats' | 'connections'>
  /** The bus to the other servers. Undefined: there are no other servers. */
  readonly bus?: EventBus | undefined
  readonly clock: ChatClock
  readonly logger: Logger
}

/**
 * Reads the figures of this server once a second while a member of any server views them, and exchanges them with the
 * other servers.
 */
export class FiguresExchange {
  readonly #options: FiguresExchangeOptions
  readonly #meter = new Meter()
  readonly #peers: PeerWatch
  readonly #others: OtherServers
  readonly #watches = new Set<FiguresWatch>()
  /** Each of them views the figures at most once at a time. */
  readonly #watchers = new WeakSet<object>()
  #bus: BusMember | undefined
  #own: ServerFigures | undefined
  /** When another server last reported that one of its members views the figures. */
  #askedAtMs = Number.NEGATIVE_INFINITY
  #stopBeat: (() => void) | undefined
  #isClosed = false

  constructor(options: FiguresExchangeOptions) {
    const { id, server, clock } = options
    this.#options = options
    this.#others = new OtherServers(id)
    this.#peers = new PeerWatch(server, () => clock.nowMs())
  }

  /** Settles when other servers can ask for the figures of this one. */
  async start(): Promise<void> {
    this.#peers.start()
    this.#bus = this.#options.bus?.join({
      event: (event) => this.#heard(event),
      gap: () => undefined,
    })
    await this.#tried(() => this.#bus?.listen(lookTopic))
  }

  /**
   * Starts to show the figures to a member, until the watch is stopped.
   *
   * @param watcher identifies the member
   * @returns undefined if this member already views the figures
   */
  watch(watcher: object): FiguresWatch | undefined {
    if (this.#watchers.has(watcher)) return undefined
    this.#watchers.add(watcher)
    const watch = new FiguresWatch(() => {
      this.#watchers.delete(watcher)
      this.#watches.delete(watch)
      this.#watchStopped()
    })
    if (this.#isClosed) {
      watch.stop()
      return watch
    }
    this.#watches.add(watch)
    if (this.#watches.size > 1) watch.show(this.#table())
    else {
      this.#others.clear()
      void this.#tried(() => this.#bus?.listen(figuresTopic))
      this.#sayLook()
    }
    this.#begin()
    return watch
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const watch of this.#watches) watch.stop()
    this.#rest()
    this.#peers.close()
    await this.#tried(() => this.#bus?.leave())
  }

  #watchStopped(): void {
    if (this.#watches.size > 0) return
    this.#bus?.ignore(figuresTopic)
    if (!this.#isAsked) this.#rest()
  }

  get #isAsked(): boolean {
    return this.#options.clock.nowMs() - this.#askedAtMs <= limits.figuresSilentMs
  }

  #heard({ event, body }: BusEvent): void {
    if (this.#isClosed) return
    const nowMs = this.#options.clock.nowMs()
    if (event === figuresTopic.event) {
      if (this.#watches.size > 0) this.#others.heard(body.bytes, nowMs)
      return
    }
    const isNews = !this.#isAsked
    this.#askedAtMs = nowMs
    this.#begin()
    // Answer at once, so that a new viewer does not wait a second to see this server.
    if (isNews) this.#sayFigures()
  }

  /** Reads the figures now, and each second. */
  #begin(): void {
    if (this.#stopBeat !== undefined) return
    this.#meter.reset()
    this.#peers.watchCalls()
    this.#read()
    this.#beat()
  }

  #rest(): void {
    this.#stopBeat?.()
    this.#stopBeat = undefined
    this.#peers.ignoreCalls()
  }

  #beat(): void {
    this.#stopBeat = this.#options.clock.after(limits.figuresBeatMs, () => {
      if (this.#watches.size === 0 && !this.#isAsked) return this.#rest()
      this.#read()
      if (this.#isAsked) this.#sayFigures()
      if (this.#watches.size > 0) {
        this.#sayLook()
        const table = this.#table()
        for (const watch of this.#watches) watch.show(table)
      }
      this.#beat()
    })
  }

  #read(): void {
    const { id, label = '', server, clock } = this.#options
    const figures = this.#meter.read(server().stats(), this.#peers.take(), clock.nowMs())
    this.#own = { server: id, label, ...figures }
  }

  #table(): FiguresTable {
    const { id, clock } = this.#options
    const own = this.#own === undefined ? [] : [this.#own]
    const servers = [...own, ...this.#others.rows(clock.nowMs())]
    return { here: id, servers: servers.sort(byName) }
  }

  #sayLook(): void {
    const bytes = new TextEncoder().encode(this.#options.id)
    void this.#tried(() => this.#bus?.publish({ ...lookTopic, body: { encoding: 'raw', bytes } }))
  }

  #sayFigures(): void {
    if (this.#own === undefined) return
    const body = { encoding: 'raw' as const, bytes: figuresBytes(this.#own) }
    void this.#tried(() => this.#bus?.publish({ ...figuresTopic, body }))
  }

  /** An unreachable bus is harmless here: silent servers are shown as gone, and the next second tries again. */
  async #tried(act: () => unknown): Promise<void> {
    try {
      await act()
    } catch (err) {
      this.#options.logger.debug({ err }, 'could not exchange figures with the other servers')
    }
  }
}

/** A stable order from second to second. */
function byName(one: FiguresRow, other: FiguresRow): number {
  const compared = one.label.localeCompare(other.label, 'en', { numeric: true })
  return compared === 0 ? one.server.localeCompare(other.server, 'en') : compared
}
