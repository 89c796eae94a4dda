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
}

/** One end of a link. */
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
  /** Index of the event that was told last, among those of the topic. */
  lastIndex: number
  /** From this one on no event may be missing. */
  completeFrom: number
  /** A gap was told after the last event. */
  hasGap: boolean
}

/** What is known of a link: a client, and what the server has of it. */
export class LinkRecord {
  readonly number: number
  readonly madeAtMs: number
  readonly client: LinkEnd
  readonly server: LinkEnd
  /** The server that accepted it. */
  acceptedBy: number | undefined
  /** Something happened that may break its connection. */
  isDisturbed = false
  /** One of its sides has asked for its end. */
  isEnding = false
  readonly calls: CallRecord[] = []
  readonly subscriptions = new Map<string, Subscription>()

  constructor(number: number, madeAtMs: number, client: HostRecord, server: HostRecord) {
    this.number = number
    this.madeAtMs = madeAtMs
    this.client = endAt(client)
    this.server = endAt(server)
  }

  endOf(host: string): LinkEnd {
    return this.client.host.name === host ? this.client : this.server
  }

  otherEnd(host: string): LinkEnd {
    return this.client.host.name === host ? this.server : this.client
  }

  get isOpen(): boolean {
    return this.client.openedAtMs !== undefined && this.client.closedAtMs === undefined && !this.client.isDead
  }

  subscription(topic: string): Subscription {
    const known = this.subscriptions.get(topic)
    if (known !== undefined) return known
    const fresh = { isListening: false, lastIndex: -1, completeFrom: Number.POSITIVE_INFINITY, hasGap: false }
    this.subscriptions.set(topic, fresh)
    return fresh
  }

  toString(): string {
    return `link ${this.number} from ${this.client.host.name} to ${this.server.host.name}`
  }
}

/** What is known of a handler that runs, or ran. */
export interface HandlerRun {
  readonly end: LinkEnd
  readonly beganAtMs: number
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
  readonly caller: LinkEnd
  readonly callee: LinkEnd
  readonly kind: CallKind
  readonly isIdempotent: boolean
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

  constructor(entry: EntryOf<'call'>, link: LinkRecord) {
    this.number = entry.call
    this.link = link
    this.caller = link.endOf(entry.host)
    this.callee = link.otherEnd(entry.host)
    this.kind = entry.kind
    this.isIdempotent = entry.isIdempotent
    this.deadlineMs = entry.deadlineMs
    this.input = entry.input
    this.madeAtMs = entry.atMs
    this.isMadeAfterClosed = this.caller.closedAtMs !== undefined
  }

  /** The handler that runs, or ran last. */
  get run(): HandlerRun | undefined {
    return this.runs.at(-1)
  }

  /** Reported as not executed. */
  get neverRan(): boolean {
    return this.outcome?.how === 'failure' && !this.outcome.maybeExecuted
  }

  /** Whether its deadline may have passed for either side by `nowMs`: their clocks differ. */
  mayBePastDeadline(nowMs: number): boolean {
    const rate = Math.max(this.caller.host.clockRate, this.callee.host.clockRate)
    return (nowMs - this.madeAtMs) * rate + 1 >= this.deadlineMs
  }

  toString(): string {
    return `call ${this.number} of ${this.caller.host.name} on ${this.link}`
  }
}

/** An end in order that somebody waits for. */
export interface Closing {
  readonly host: HostRecord
  readonly dueMs: number
  readonly what: Act['what']
  readonly number: number
}

function endAt(host: HostRecord): LinkEnd {
  return { host, openedAtMs: undefined, closedAtMs: undefined, isDead: false }
}
