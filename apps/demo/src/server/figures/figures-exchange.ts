import type { BusEvent, BusMember, EventBus, Logger, Server } from '@frameport/server'
import type { ChatClock } from '../../chat-clock.ts'
import type { FiguresRow, FiguresTable, ServerFigures } from '../../figures-contract.ts'
import { limits } from '../../limits.ts'
import { FiguresWatch } from './figures-watch.ts'
import { Meter } from './meter.ts'
import { figuresBytes, OtherServers } from './other-servers.ts'
import { PeerWatch } from './peer-watch.ts'

/** Somebody on another server looks at the figures. Each server listens to it always. */
const lookTopic = { event: 'chat-servers@1/look', topic: '' }
/** The figures of one server. A server listens to it while somebody there looks. */
const figuresTopic = { event: 'chat-servers@1/figures', topic: '' }

export interface FiguresExchangeOptions {
  /** Of this server, another one after each start. */
  readonly id: string
  /** What people call this server: which worker, or which machine it is. */
  readonly label?: string | undefined
  /** Asked for when somebody looks: the server is made later. */
  readonly server: () => Pick<Server, 'stats' | 'connections'>
  /** To the other servers. Undefined: there are none. */
  readonly bus?: EventBus | undefined
  readonly clock: ChatClock
  readonly logger: Logger
}

/** Reads the figures of this server once a second while somebody looks, here or elsewhere, and exchanges them with the other servers. */
export class FiguresExchange {
  readonly #options: FiguresExchangeOptions
  readonly #meter = new Meter()
  readonly #peers: PeerWatch
  readonly #others: OtherServers
  readonly #watches = new Set<FiguresWatch>()
  /** Each looks once at a time. */
  readonly #watchers = new WeakSet<object>()
  #bus: BusMember | undefined
  #own: ServerFigures | undefined
  /** When another server has said last that somebody looks there. */
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
   * Somebody looks, until they stop.
   *
   * @param watcher who that is
   * @returns undefined when they look already
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
    // Who has begun to look need not wait a second to see that this server is there.
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

  /** A bus that is away is no harm here: servers that are not heard of are shown as gone, and the next second tries again. */
  async #tried(act: () => unknown): Promise<void> {
    try {
      await act()
    } catch (err) {
      this.#options.logger.debug({ err }, 'could not exchange figures with the other servers')
    }
  }
}

/** In an order that stays from second to second. */
function byName(one: FiguresRow, other: FiguresRow): number {
  const compared = one.label.localeCompare(other.label, 'en', { numeric: true })
  return compared === 0 ? one.server.localeCompare(other.server, 'en') : compared
}
