import type { Act, CallKind, Ending, EntryOf, Outcome } from './trace.ts'

/** What is known of a host. */
export class HostRecord {
  readonly name: string
  /** Of its clock, against that of the world. */
  readonly clockRate: number
  state: 'running' | 'suspended' | 'stopped' = 'stopped'
  runningSinceMs = 0
  /** The server that listens there. */
  server: number | undefined
  /** Hosts that nothing arrives from or at. */
  readonly heldWith = new Set<string>()

  constructor(name: string, clockRate: number) {
    this.name = name
    this.clockRate = clockRate
  }

  /**
   * Whether what was to happen there by `dueMs` should have, while its process ran.
   *
   * @param stepsMs what takes its own time, once a process that was suspended goes on
   */
  isOverdue(dueMs: number, nowMs: number, stepsMs = 0): boolean {
    // Rates of clocks are fractions: a moment is rounded on its way from one clock to the other.
    const toleranceMs = 1
    return this.state === 'running' && nowMs > Math.max(dueMs, this.runningSinceMs + stepsMs) + toleranceMs
  }

  /** Whether so much may have passed on its clock. */
  hasPassed(ms: number, sinceMs: number, nowMs: number): boolean {
    return (nowMs - sinceMs) * this.clockRate + 1 >= ms
  }
}

/** One end of a session: a client, or what a server has of one of its sessions. */
export interface LinkEnd {
  readonly host: HostRecord
  /** The application was told that it is there, and that it is over. */
  openedAtMs: number | undefined
  closedAtMs: number | undefined
  /** Its process was killed: it says nothing any more. */
  isDead: boolean
}

/** What is known of the subscription of a link to a topic. */
export interface Subscription {
  isListening: boolean
  /** Who subscribes: the client by itself, or a handler of the server. */
  by: 'clients' | 'handlers'
  /** Index of the event that was told last, among those of the topic. */
  lastIndex: number
  /** From this one on no event may be missing. */
  completeFrom: number
  /** From this one on what comes is what its server publishes. Those before are in the log. */
  liveFrom: number
  /** It was stopped before: events of that time may still come, behind which it says nothing of others. */
  wasStopped: boolean
  /** A gap was told after the last event. */
  hasGap: boolean
  /** The session was replaced, and nothing has said yet that events may be missing. */
  owesGap: boolean
  /** The client was told that it is subscribed: before, nothing was promised. */
  isFollowed: boolean
}

/** What is known of one session of a link at its server. */
export class ServedRecord implements LinkEnd {
  readonly number: number
  readonly link: LinkRecord
  readonly host: HostRecord
  /** The server that has it. */
  readonly server: number
  readonly attempt: number
  openedAtMs: number | undefined
  closedAtMs: number | undefined
  isDead = false
  /** Its server has asked for its end. */
  isEnding = false
  /** From when on its server may ask its client to leave, because its connection is old. */
  agedAtMs: number | undefined
  /** Since when it has no connection. */
  detachedAtMs: number | undefined
  /** Since when it has the connection of now, or had its last one. */
  attachedAtMs: number
  /** When it lost the one before that. */
  lostBeforeAtMs: number | undefined
  /** How often it had another connection. */
  resumed = 0
  /** Topics that handlers have subscribed it to. */
  readonly topics = new Set<string>()

  constructor({ served, server, attempt, atMs }: EntryOf<'accepted'>, link: LinkRecord, host: HostRecord) {
    this.number = served
    this.link = link
    this.host = host
    this.server = server
    this.attempt = attempt
    this.openedAtMs = atMs
    this.attachedAtMs = atMs
  }

  get isThere(): boolean {
    return !this.isDead && this.closedAtMs === undefined
  }

  toString(): string {
    return `session ${this.number} of ${this.link}`
  }
}

/** What is known of a link: a client, and the sessions that its servers had of it. */
export class LinkRecord {
  readonly number: number
  readonly madeAtMs: number
  readonly client: LinkEnd
  /** Its addresses. */
  readonly serverHosts: readonly HostRecord[]
  /** As its server was told of them. The client may never have heard of one. */
  readonly sessions: ServedRecord[] = []
  /** Those that the client had. */
  readonly taken = new Set<ServedRecord>()
  /** Those of them in whose place another one is, and since when. */
  readonly left: { readonly session: ServedRecord; readonly atMs: number }[] = []
  /** The one that the client has. */
  served: ServedRecord | undefined
  /** How often the client was told that it goes on. */
  resumed = 0
  /** When the client was told last that another one has taken its place, and calls of the one before may be lost. */
  replacedAtMs = Number.NEGATIVE_INFINITY
  /** Since when the client has no connection, and when it was told of the last one. */
  lostAtMs: number | undefined
  connectedAtMs = 0
  /** Since when there was no connection that lasted. */
  troubledSinceMs: number | undefined
  wasToldOpen = false
  /** Addresses at which something happened that may break a connection. */
  readonly #disturbed = new Set<HostRecord>()
  /** Its application has asked for its end. */
  isEnding = false
  readonly calls: CallRecord[] = []
  readonly subscriptions = new Map<string, Subscription>()

  constructor(number: number, madeAtMs: number, client: HostRecord, servers: readonly HostRecord[]) {
    this.number = number
    this.madeAtMs = madeAtMs
    this.client = { host: client, openedAtMs: undefined, closedAtMs: undefined, isDead: false }
    this.serverHosts = servers
  }

  /** Something happened that may break a connection to this host; to each when it is the host of the client. */
  disturb(host: HostRecord): void {
    for (const server of this.serverHosts)
      if (server === host || this.client.host === host) this.#disturbed.add(server)
  }

  isDisturbedAt(host: HostRecord): boolean {
    return this.#disturbed.has(host)
  }

  /** None of its addresses is known to be good. */
  get isDisturbed(): boolean {
    return this.#disturbed.size === this.serverHosts.length
  }

  get isOpen(): boolean {
    return this.client.openedAtMs !== undefined && this.client.closedAtMs === undefined && !this.client.isDead
  }

  subscription(topic: string): Subscription {
    const known = this.subscriptions.get(topic)
    if (known !== undefined) return known
    const fresh: Subscription = {
      isListening: false,
      by: 'clients',
      lastIndex: -1,
      completeFrom: Number.POSITIVE_INFINITY,
      liveFrom: 0,
      wasStopped: false,
      hasGap: false,
      owesGap: false,
      isFollowed: false,
    }
    this.subscriptions.set(topic, fresh)
    return fresh
  }

  toString(): string {
    return `link ${this.number} from ${this.client.host.name} to ${this.serverHosts.map(({ name }) => name).join(', ')}`
  }
}

/** What is known of a handler that runs, or ran. */
export interface HandlerRun {
  readonly end: LinkEnd
  /** The session that its call came over. */
  readonly served: ServedRecord
  readonly beganAtMs: number
  /** The longest time that its call may have had left then, on the clock of the callee. */
  readonly budgetMs: number
  items: number
  taken: number
  tookEnd: boolean
  abortedAtMs: number | undefined
  ending: Ending | undefined
}

/** What is known of a call. */
export class CallRecord {
  readonly number: number
  readonly link: LinkRecord
  /** The session that a call of a server is made on. Undefined for one of a client, which may move. */
  readonly served: ServedRecord | undefined
  readonly caller: LinkEnd
  readonly calleeHosts: readonly HostRecord[]
  readonly kind: CallKind
  readonly isIdempotent: boolean
  readonly resumes: boolean
  readonly deadlineMs: number
  readonly input: string
  readonly madeAtMs: number
  /** Its application knew that the link was over. */
  readonly isMadeAfterClosed: boolean
  cancelledAtMs: number | undefined
  /** Since when it waits for an item. */
  askedAtMs: number | undefined
  items = 0
  given = 0
  gaveEnd = false
  sourceFailed = false
  sourceIsOpen = false
  outcome: Outcome | undefined
  readonly runs: HandlerRun[] = []

  constructor(entry: EntryOf<'call'>, link: LinkRecord, served: ServedRecord | undefined) {
    this.number = entry.call
    this.link = link
    this.served = served
    this.caller = served ?? link.client
    this.calleeHosts = served === undefined ? link.serverHosts : [link.client.host]
    this.kind = entry.kind
    this.isIdempotent = entry.isIdempotent
    this.resumes = entry.resumes
    this.deadlineMs = entry.deadlineMs
    this.input = entry.input
    this.madeAtMs = entry.atMs
    this.isMadeAfterClosed = this.caller.closedAtMs !== undefined
  }

  /** Items that one of its handlers has given. */
  get itemsGiven(): number {
    return Math.max(0, ...this.runs.map(({ items }) => items))
  }

  /** Reported as not executed. */
  get neverRan(): boolean {
    return this.outcome?.how === 'failure' && !this.outcome.maybeExecuted
  }

  /** Whether its deadline may have passed for either side by `nowMs`: their clocks differ. */
  mayBePastDeadline(nowMs: number): boolean {
    const rate = Math.max(...[this.caller.host, ...this.calleeHosts].map(({ clockRate }) => clockRate))
    return (nowMs - this.madeAtMs) * rate + 1 >= this.deadlineMs
  }

  toString(): string {
    return `call ${this.number} of ${this.caller.host.name} on ${this.link}`
  }
}

/** An end in order that somebody waits for. */
export interface Closing {
  readonly host: HostRecord
  /** When the step that it has come to is over. */
  dueMs: number
  /** What its last step takes, on the clock of the host. Undefined once that has begun. */
  lastStepMs: number | undefined
  readonly what: Act['what']
  readonly number: number
}
