import type { Act, CallKind, Ending, EntryOf, Outcome } from './trace.ts'

/** The state of a host. */
export class HostRecord {
  readonly name: string
  /** The rate of its clock compared with that of the world. */
  readonly clockRate: number
  state: 'running' | 'suspended' | 'stopped' = 'stopped'
  runningSinceMs = 0
  /** The server that listens on this host. */
  server: number | undefined
  /** The hosts with which it cannot exchange data now. */
  readonly heldWith = new Set<string>()

  constructor(name: string, clockRate: number) {
    this.name = name
    this.clockRate = clockRate
  }

  /**
   * Whether something due at `dueMs` should have happened there, while its process ran.
   *
   * @param stepsMs the time that it needs in any case after a suspended process has resumed
   */
  isOverdue(dueMs: number, nowMs: number, stepsMs = 0): boolean {
    // The rates of clocks are fractions, so a time is rounded when it is converted.
    const toleranceMs = 1
    return this.state === 'running' && nowMs > Math.max(dueMs, this.runningSinceMs + stepsMs) + toleranceMs
  }

  /** Whether this much time may have passed on its clock. */
  hasPassed(ms: number, sinceMs: number, nowMs: number): boolean {
    return (nowMs - sinceMs) * this.clockRate + 1 >= ms
  }
}

/** One end of a session: a client, or the session object of a server. */
export interface LinkEnd {
  readonly host: HostRecord
  /** When the application learned that it was open, and that it was closed. */
  openedAtMs: number | undefined
  closedAtMs: number | undefined
  /** Its process was killed, so it makes no more entries. */
  isDead: boolean
}

/** The state of the subscription of a link to a topic. */
export interface Subscription {
  isListening: boolean
  /** Who subscribes: the client itself, or a handler of the server. */
  by: 'clients' | 'handlers'
  /** The index of the last received event, among those of the topic. */
  lastIndex: number
  /** From this index on, no event may be missing. */
  completeFrom: number
  /** From this index on, events come from the server that publishes them. Earlier ones are in the log. */
  liveFrom: number
  /** It was stopped before, so events of that time may still arrive, after which missing events are not certain. */
  wasStopped: boolean
  /** A gap was received after the last event. */
  hasGap: boolean
  /** The session was replaced, and no gap has reported yet that events may be missing. */
  owesGap: boolean
  /** The client was informed that it is subscribed. Before that, nothing is promised. */
  isFollowed: boolean
}

/** The state of one session of a link at its server. */
export class ServedRecord implements LinkEnd {
  readonly number: number
  readonly link: LinkRecord
  readonly host: HostRecord
  /** The server that has the session. */
  readonly server: number
  readonly attempt: number
  openedAtMs: number | undefined
  closedAtMs: number | undefined
  isDead = false
  /** Its server has asked for its end. */
  isEnding = false
  /** From this time on, its server may ask its client to leave, because its connection is old. */
  agedAtMs: number | undefined
  /** When it lost its connection; undefined while it has one. */
  detachedAtMs: number | undefined
  /** When it got its current or last connection. */
  attachedAtMs: number
  /** When it lost the connection before that. */
  lostBeforeAtMs: number | undefined
  /** The number of times that it was resumed. */
  resumed = 0
  /** The topics to which handlers have subscribed it. */
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

/** The state of a link: a client, and its sessions at its servers. */
export class LinkRecord {
  readonly number: number
  readonly madeAtMs: number
  readonly client: LinkEnd
  /** The addresses of its servers. */
  readonly serverHosts: readonly HostRecord[]
  /** The sessions that its servers reported. The client may never have learned of one. */
  readonly sessions: ServedRecord[] = []
  /** The sessions that the client had. */
  readonly taken = new Set<ServedRecord>()
  /** The sessions among these that were replaced, with the time. */
  readonly left: { readonly session: ServedRecord; readonly atMs: number }[] = []
  /** The current session of the client. */
  served: ServedRecord | undefined
  /** The number of times that the client learned that its session was resumed. */
  resumed = 0
  /** When the client last learned that its session was replaced, so that calls of the earlier session may be lost. */
  replacedAtMs = Number.NEGATIVE_INFINITY
  /** When the client lost its connection, and when it learned of the last one. */
  lostAtMs: number | undefined
  connectedAtMs = 0
  /** Since when no connection has lasted. */
  troubledSinceMs: number | undefined
  wasToldOpen = false
  /** The addresses at which something happened that may break a connection. */
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

  /** Records something that may break a connection to this host, or all connections if it is the host of the client. */
  disturb(host: HostRecord): void {
    for (const server of this.serverHosts)
      if (server === host || this.client.host === host) this.#disturbed.add(server)
  }

  isDisturbedAt(host: HostRecord): boolean {
    return this.#disturbed.has(host)
  }

  /** Whether none of its addresses is known to be good. */
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

/** The state of a handler that runs or has run. */
export interface HandlerRun {
  readonly end: LinkEnd
  /** The session over which its call arrived. */
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

/** The state of a call. */
export class CallRecord {
  readonly number: number
  readonly link: LinkRecord
  /**
   * The session on which a server makes the call. Undefined for a call of a client, which may move to another session.
   */
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
  /** When it began to wait for an item. */
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

  /** The items that one of its handlers has sent. */
  get itemsGiven(): number {
    return Math.max(0, ...this.runs.map(({ items }) => items))
  }

  /** It was reported as not executed. */
  get neverRan(): boolean {
    return this.outcome?.how === 'failure' && !this.outcome.maybeExecuted
  }

  /** Whether its deadline may have passed for either side by `nowMs`. Their clocks differ. */
  mayBePastDeadline(nowMs: number): boolean {
    const rate = Math.max(...[this.caller.host, ...this.calleeHosts].map(({ clockRate }) => clockRate))
    return (nowMs - this.madeAtMs) * rate + 1 >= this.deadlineMs
  }

  toString(): string {
    return `call ${this.number} of ${this.caller.host.name} on ${this.link}`
  }
}

/** An orderly close whose result is awaited. */
export interface Closing {
  readonly host: HostRecord
  /** When its current step ends. */
  dueMs: number
  /** The duration of its last step, on the clock of the host. Undefined after that step has begun. */
  lastStepMs: number | undefined
  readonly what: Act['what']
  readonly number: number
}
