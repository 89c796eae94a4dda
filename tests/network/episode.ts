import { createSimNetwork, type SimHost } from '@frameport/testing'
import { Draw } from '../support/draw.ts'
import { ClientProcess } from './client-process.ts'
import { drawWay } from './drawn-network.ts'
import { Faults } from './faults.ts'
import { Violation } from './model/violation.ts'
import { type Act, drawPlan } from './plan.ts'
import { Run } from './run.ts'
import { seldomSeen } from './seldom.ts'
import { ServerProcess } from './server-process.ts'

/** The result of one seed. */
export interface Outcome {
  /** The rule that was broken; undefined if all rules held. */
  readonly rule: string | undefined
  /** One line for each event of the run. The last line says what was wrong. */
  readonly lines: readonly string[]
  /** How often each kind of entry occurred, so that a test can detect a run in which nothing happens. */
  readonly counts: Readonly<Record<string, number>>
}

/** Runs the clients and servers of a seed to their end. */
export async function runSeed(seed: number): Promise<Outcome> {
  const draw = new Draw(seed)
  const plan = drawPlan(draw)
  // A run that breaks a rule stops there, and leaves its timers behind.
  const network = createSimNetwork({ seed, ...plan.way, onForgotten: () => undefined })
  const run = new Run(seed, draw, plan, network)
  try {
    await new Episode(run).play()
  } catch (error) {
    run.defect ??= error
  }
  return outcomeOf(run)
}

class Episode {
  readonly #run: Run
  readonly #hosts: ReadonlyMap<string, SimHost>
  readonly #faults: Faults
  readonly #servers = new Map<string, ServerProcess>()
  readonly #clients = new Map<string, ClientProcess>()
  /** Server hosts that never return. */
  readonly #retired = new Set<SimHost>()

  constructor(run: Run) {
    this.#run = run
    this.#hosts = new Map(
      Object.entries(run.plan.hosts).map(([name, options]) => [name, run.network.host(name, options)]),
    )
    this.#faults = new Faults(run, this.#hosts)
  }

  async play(): Promise<void> {
    const { draw, plan } = this.#run
    for (const host of this.#hosts.values()) this.#started(host)
    for (let step = 0; step < plan.steps && this.#run.failure === undefined; step++) {
      for (let acts = draw.int(0, 4); acts > 0; acts--) await this.#act(draw.weighted(plan.acts))
      await this.#pass(draw.pick([0, 1, 5, 20, 20, 100, 100, 500, 3_000]))
    }
    await this.#calm()
    await this.#probe()
    await this.#close()
  }

  async #act(act: Act): Promise<void> {
    const { draw } = this.#run
    const client = this.#running(this.#clients)
    const server = this.#running(this.#servers)
    switch (act) {
      case 'call':
      case 'join':
      case 'listen':
      case 'stopListening':
        client?.[act]()
        break
      case 'callClient':
      case 'publish':
      case 'dismiss':
        server?.[act]()
        break
      case 'close':
        client?.close()
        break
      case 'closeServer':
        server?.close()
        break
      case 'cut':
      case 'cutLater':
      case 'cutSoon':
      case 'hold':
      case 'release':
        this.#faults[act]()
        break
      case 'configure':
        this.#faults.configure(drawWay(draw))
        break
      default:
        // A recent call continues in microtasks of this test, which a killed process must have run before its end.
        await this.#run.network.clock.settle()
        this.#actOnHost(act)
        break
    }
  }

  #actOnHost(act: 'kill' | 'start' | 'suspend' | 'resume' | 'retire'): void {
    const wanted = {
      retire: ['running', 'suspended'],
      kill: ['running', 'suspended'],
      start: ['stopped'],
      suspend: ['running'],
      resume: ['suspended'],
    }
    const from = act === 'retire' ? this.#retirable : this.#present
    const hosts = from.filter(({ state }) => wanted[act].includes(state))
    if (hosts.length === 0) return
    const host = this.#run.draw.pick(hosts)
    if (act === 'start') this.#start(host)
    else this.#faults[act === 'retire' ? 'kill' : act](host)
    if (act === 'retire') this.#retired.add(host)
    if (act !== 'kill' && act !== 'retire') return
    this.#clients.delete(host.name)
    this.#servers.delete(host.name)
  }

  get #present(): SimHost[] {
    return [...this.#hosts.values()].filter((host) => !this.#retired.has(host))
  }

  /** Servers without which another one remains for their clients. */
  get #retirable(): SimHost[] {
    const { servers, unwelcoming } = this.#run.plan
    const left = this.#present.filter(({ name }) => servers.includes(name) && !unwelcoming.includes(name))
    return left.length > 1 ? left : []
  }

  #start(host: SimHost): void {
    host.start()
    this.#started(host)
  }

  /** Starts the application of a new process. */
  #started(host: SimHost): void {
    this.#run.see(host.name, { what: 'start' })
    const { servers, deserted } = this.#run.plan
    if (servers.includes(host.name)) this.#servers.set(host.name, new ServerProcess(this.#run, host))
    else if (!deserted.includes(host.name))
      this.#clients.set(host.name, new ClientProcess(this.#run, host, this.#faults))
  }

  #running<Kind>(processes: ReadonlyMap<string, Kind>): Kind | undefined {
    const running = [...processes].filter(([name]) => this.#hosts.get(name)?.state === 'running')
    return running.length === 0 ? undefined : this.#run.draw.pick(running)[1]
  }

  async #pass(ms: number): Promise<void> {
    await this.#run.network.clock.advance(ms)
    this.#run.see('world', { what: 'quiet' })
  }

  /** Faults stop, and handlers and readers end. Then everything must settle. */
  async #calm(): Promise<void> {
    if (this.#run.failure !== undefined) return
    this.#run.isCalm = true
    this.#faults.stop()
    for (const host of this.#present) if (host.state === 'stopped') this.#start(host)
    await this.#settle()
  }

  async #settle(): Promise<void> {
    const run = this.#run
    const stepMs = 250
    for (let ms = 0; ms < run.plan.facts.settleMs && run.failure === undefined; ms += stepMs) {
      await this.#pass(stepMs)
      if (this.#isAtRest) break
    }
    run.see('world', { what: 'rest' })
    for (const { link, here, there, host } of this.#linksInUse)
      run.see(host, { what: 'restOf', link, here, there })
    for (const [host, { number, server }] of this.#servers) {
      const { connections, connectionsDetached: detached } = server.stats()
      run.see(host, { what: 'restOfServer', server: number, connections, detached })
    }
  }

  get #isAtRest(): boolean {
    const areOpen = [...this.#clients.values()].every(({ links }) =>
      links.every(({ client }) => client.$connection.state === 'open'),
    )
    return (
      areOpen &&
      [...this.#servers.values()].every(({ isBetween }) => !isBetween) &&
      this.#linksInUse.every(({ here, there }) => here + there === 0) &&
      this.#run.model.isAtRest
    )
  }

  /** The current links of clients, and the numbers of open calls at their two ends. */
  get #linksInUse() {
    return [...this.#clients].flatMap(([host, { links }]) =>
      links.map(({ number, client }) => ({
        host,
        link: number,
        here: client.$connection.stats().callsInFlight,
        there: [...this.#servers.values()].reduce((sum, server) => sum + server.callsOpen(number), 0),
      })),
    )
  }

  /** Uses all slots of all links at the same time, so that a slot that was never released is noticed. */
  async #probe(): Promise<void> {
    if (this.#run.failure !== undefined) return
    for (const process of this.#clients.values()) for (const link of process.links) process.useAllSlots(link)
    await this.#settle()
  }

  async #close(): Promise<void> {
    const run = this.#run
    if (run.failure !== undefined) return
    run.isEnding = true
    const ends = [
      () => {
        for (const process of this.#clients.values()) process.closeAll()
      },
      () => {
        for (const process of this.#servers.values()) process.closeLast()
      },
    ]
    if (run.draw.chance(0.5)) ends.reverse()
    for (const end of ends) {
      end()
      await this.#pass(run.draw.pick([0, 10, 5_000]))
    }
    await this.#pass(10_000)
    run.see('world', { what: 'left', texts: this.#left() })
  }

  #left(): readonly string[] {
    const { clock } = this.#run.network
    const ofServers = [...this.#servers].flatMap(([name, { server }]) => {
      // Totals only grow, and do not show what remains.
      const { events, memory, totals: _, listeners, ...counted } = server.stats()
      return Object.entries({
        ...counted,
        bytesWaiting: events.bytesWaiting,
        memory: memory.bytes,
        listeners: listeners.length,
      })
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${name} counts ${what} ${count}`)
    })
    const ofClients = this.#linksInUse
      .filter(({ here }) => here > 0)
      .map(({ link, here }) => `link ${link} counts ${here} calls`)
    return [...ofServers, ...ofClients, ...clock.leftOvers(), ...this.#run.network.leftOvers()]
  }
}

function outcomeOf(run: Run): Outcome {
  const { failure, trace } = run
  const counts: Record<string, number> = {}
  for (const { what } of trace) counts[what] = (counts[what] ?? 0) + 1
  for (const what of seldomSeen(run)) counts[what] = (counts[what] ?? 0) + 1
  const lines = trace
    .filter(({ what }) => what !== 'quiet')
    .map(({ atMs, host, ...entry }) => `${atMs.toFixed(3)} ms ${host} ${JSON.stringify(entry, shortened)}`)
  // The random choices of a seed change with the code of this test. The plan records them.
  lines.unshift(`plan ${JSON.stringify(run.plan, shortened)}`)
  if (failure === undefined) return { rule: undefined, lines, counts }
  const isViolation = failure instanceof Violation
  const text = isViolation ? failure.message : String((failure as Error)?.stack ?? failure)
  return { rule: isViolation ? failure.rule : 'the test itself failed', lines: [...lines, text], counts }
}

function shortened(_: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return undefined
  return typeof value === 'string' && value.length > 200 ? `${value.length} letters` : value
}
