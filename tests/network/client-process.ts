import { type Client, type ClientOptions, type Connector, createClient } from '@frameport/client'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { SimHost } from '@frameport/testing'
import { makeCall, makeUnaryCall } from './caller.ts'
import { type EventName, network, type Room, topicName } from './contract.ts'
import type { Faults } from './faults.ts'
import { handlersOf } from './handlers.ts'
import type { Act } from './model/trace.ts'
import { Barrier, type Process, pause, type Run } from './run.ts'

/** One client of the library from its creation to its end. It may have several sessions, one after the other. */
interface Link {
  readonly number: number
  /** The addresses of its servers. */
  readonly to: readonly string[]
  readonly client: Client<typeof network>
  isClosed: boolean
  /** The number of its sessions so far. Observations of one session do not apply to the next. */
  sessions: number
  /** Whether handlers of the server have subscribed the current session to lines. */
  joined: 'no' | 'asked' | 'yes'
  /** The functions that stop listening, by topic. */
  readonly listening: Map<string, () => void>
}

type Hooks = Pick<ClientOptions, 'auth' | 'onSession' | 'onStateChange'>

/** The application on a client host, which keeps a link to each of its servers. */
export class ClientProcess implements Process {
  readonly run: Run
  readonly host: string
  readonly environment: SessionEnvironment
  readonly whenLost = new Set<() => void>()
  readonly #simHost: SimHost
  readonly #faults: Pick<Faults, 'connected'>
  /** The current links, by their addresses. */
  readonly #links = new Map<readonly string[], Link>()

  /** @param faults informed of each new connection */
  constructor(run: Run, simHost: SimHost, faults: Pick<Faults, 'connected'>) {
    this.run = run
    this.host = simHost.name
    this.environment = simHost.environment
    this.#simHost = simHost
    this.#faults = faults
    for (const servers of run.plan.targets[this.host] ?? []) this.#connect(servers)
  }

  /** The current link to each server, or to several servers that are alternatives. */
  get links(): readonly Link[] {
    return [...this.#links.values()]
  }

  call(): void {
    const link = this.run.draw.pick(this.links)
    makeCall(this, link.client, { link: link.number })
  }

  /** Makes a handler of the server subscribe this client to the lines of all rooms. */
  join(): void {
    const link = this.run.draw.pick(this.links)
    if (link.joined === 'no') this.run.guard(this.#join(link))
  }

  listen(): void {
    const { draw, plan } = this.run
    const link = draw.pick(this.links)
    const [event, room] = [draw.pick(plan.events), draw.pick(plan.rooms)]
    if (!link.listening.has(topicName(event, room))) this.run.guard(this.#listen(link, event, room))
  }

  stopListening(): void {
    const link = this.run.draw.pick(this.links)
    const topics = [...link.listening.keys()]
    if (topics.length === 0) return
    const topic = this.run.draw.pick(topics)
    this.#see({ what: 'stopListening', link: link.number, topic })
    link.listening.get(topic)?.()
    link.listening.delete(topic)
  }

  /** Closes one link in order. A new one replaces it. */
  close(): void {
    const { draw } = this.run
    const open = this.links.filter(({ isClosed }) => !isClosed)
    if (open.length > 0) this.run.guard(this.#close(draw.pick(open), draw.pick([0, 100, 2_000])))
  }

  closeAll(): void {
    for (const link of this.links) if (!link.isClosed) this.run.guard(this.#close(link, 0))
  }

  /**
   * Makes as many simultaneous calls as the server allows for a client. @returns a barrier that opens when all of their
   * handlers have begun
   */
  useAllSlots(link: Link): Barrier {
    const { run } = this
    const { callsInFlightMax } = run.plan.limits
    const barrier = new Barrier(callsInFlightMax)
    for (let slot = 0; slot < callsInFlightMax; slot++) {
      const before = (call: number) => run.probes.set(call, barrier)
      run.guard(this.#useSlot(link, before, barrier))
    }
    return barrier
  }

  /** A call that was lost with a silent connection has no handler for which the others could wait. */
  async #useSlot(link: Link, before: (call: number) => void, barrier: Barrier): Promise<void> {
    const probe = { function: link.client.put, before }
    if (!(await makeUnaryCall(this, probe, { link: link.number }))) barrier.arrive()
  }

  #connect(to: readonly string[]): void {
    const number = this.run.next()
    this.#see({ what: 'connect', link: number, to })
    const { reconnect, resume, clientLimits } = this.run.plan
    let at = ''
    const connectors = to.map((server) =>
      this.#connector(server, () => {
        at = server
      }),
    )
    const [only] = connectors
    const target = connectors.length === 1 && only !== undefined ? only : connectors
    const client: Link['client'] = createClient(network, target, {
      environment: this.environment,
      reconnect,
      ...(resume.clients ? {} : { resume: false }),
      ...this.#hooks(
        number,
        () => link,
        () => at,
      ),
      limits: clientLimits,
      handlers: handlersOf<object>(this, () => ({ link: number })),
      onUncaught: (error) => this.#report('a listener', error),
      onInvalidEvent: (error) => this.#report('an event', error),
      onEventGap: ({ event, topic }) => {
        const { room } = topic as { readonly room: string }
        const name = event.slice(event.indexOf('/') + 1)
        this.#see({ what: 'gap', link: number, topic: topicName(name, room) })
      },
      // The promise of each subscription reports that, and failures of handlers are random.
      onSubscribeFailed: () => undefined,
      onHandlerFailed: () => undefined,
      onSilentListener: () => undefined,
    })
    const link: Link = {
      number,
      to,
      client,
      isClosed: false,
      sessions: 0,
      joined: 'no',
      listening: new Map(),
    }
    this.#links.set(to, link)
    // A client that waits for a connection would keep the process of this test alive, even after the simulated process
    // was killed.
    client.$unref()
    this.run.guard(this.#watch(link))
  }

  /** @param connected called for each new connection */
  #connector(to: string, connected: () => void): Connector {
    const connector = this.#simHost.connector(`${to}:1`)
    return {
      url: connector.url,
      connect: async (options) => {
        const stream = await connector.connect(options)
        this.#faults.connected(this.host, to)
        connected()
        return stream
      },
    }
  }

  /**
   * Each attempt to connect has a number in its credentials, so that the model knows which session of the server
   * belongs to it.
   */
  #hooks(number: number, linkOf: () => Link, hostOf: () => string): Hooks {
    let attempt = 0
    /** Whether the first connection was lost, which cannot happen before it exists. */
    let hasLost = true
    let isConnecting = false
    return {
      auth: () => {
        attempt += 1
        isConnecting = true
        return { link: number, attempt }
      },
      onSession: ({ resumed: isResumed, isFirst }) => {
        const link = linkOf()
        isConnecting = false
        hasLost = false
        if (!isResumed) {
          link.sessions += 1
          link.joined = 'no'
        }
        const { keptBytes } = link.client.$connection.stats().memory
        this.#see({ what: 'session', link: number, to: hostOf(), attempt, isResumed, isFirst, keptBytes })
      },
      onStateChange: ({ state, reason }) => {
        const isWithout = state === 'reconnecting'
        if (isWithout && isConnecting && reason?.message.includes('not replaced within') === true)
          this.#see({ what: 'noted', text: 'a window that ends during a handshake' })
        if (isWithout && reason?.code === 'CLOSED')
          this.#see({ what: 'noted', text: 'a client that is moved by a final goaway' })
        if (isWithout && !hasLost) {
          const { keptBytes } = linkOf().client.$connection.stats().memory
          this.#see({ what: 'lost', link: number, keptBytes })
          for (const call of this.whenLost) call()
          this.whenLost.clear()
        }
        hasLost ||= isWithout
      },
    }
  }

  async #watch(link: Link): Promise<void> {
    const { number, client } = link
    const { $connection } = client
    $connection.opened().then(
      () => this.#see({ what: 'opened', link: number }),
      // `closed` reports it.
      () => undefined,
    )
    const { code } = await $connection.closed()
    link.isClosed = true
    link.listening.clear()
    this.#see({ what: 'closed', link: number, code })
    await pause(this, this.run.drawFor('caller', number).pick([20, 200, 1_000]))
    // It is closed for good, and the application creates a new one to continue.
    if (!this.run.isEnding) this.#connect(link.to)
  }

  async #join(link: Link): Promise<void> {
    const { sessions } = link
    link.joined = 'asked'
    const hasJoined = await makeUnaryCall(this, { function: link.client.join }, { link: link.number })
    // If the session was replaced meanwhile, it is unknown which of the two the handler has subscribed.
    link.joined = hasJoined && sessions === link.sessions ? 'yes' : 'no'
    if (link.joined === 'no' || link.isClosed) return
    for (const topic of link.listening.keys())
      if (topic.startsWith('line ')) this.#see({ what: 'subscribed', link: link.number, topic })
  }

  async #listen(link: Link, event: EventName, room: Room): Promise<void> {
    if (link.isClosed) return
    const { number, sessions } = link
    const topic = topicName(event, room)
    const by = event === 'line' ? 'handlers' : 'clients'
    this.#see({ what: 'listenTo', link: number, topic, by })
    const stop = link.client.$on(event, { room }, (payload) =>
      this.#see({ what: 'event', link: number, topic, number: payload.number }),
    )
    link.listening.set(topic, stop)
    try {
      await stop.subscribed
    } catch (error) {
      const { code } = error as { readonly code: string }
      this.#see({ what: 'subscribeFailed', link: number, topic, code })
      return
    }
    // If a handler subscribed a session that was replaced meanwhile, a gap reports it.
    const isOfHandler = sessions === link.sessions && link.joined === 'yes'
    const isSubscribed = event !== 'line' || isOfHandler
    if (isSubscribed && !link.isClosed && link.listening.get(topic) === stop)
      this.#see({ what: 'subscribed', link: number, topic })
  }

  async #close({ client, number }: Link, graceMs: number): Promise<void> {
    this.#see({ what: 'close', link: number, graceMs })
    await client.$close({ graceMs })
    this.#see({ what: 'closeSettled', link: number })
  }

  #report(what: string, error: unknown): void {
    this.#see({ what: 'reported', text: `${what}: ${String(error)}` })
  }

  #see(act: Act): void {
    this.run.see(this.host, act)
  }
}
