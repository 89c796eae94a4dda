import { callReporting, reportUncaught } from '@frameport/framing/checks'
import { realEnvironment } from '@frameport/iocp-core'
import type { BusEvent, BusMember, BusReceiver, BusTopic, EventBus } from '../../event-bus.ts'
import { workerLimits } from '../limits.ts'
import { BusLink, type BusLinkOptions, type BusLinkOwner } from './bus-link.ts'
import { InterestTable, interestMemory, slotOf } from './interest-table.ts'

/** The options of {@link WorkerBus}. */
export interface WorkerBusOptions {
  /** The limits of each link. Default: those of `workerLimits`. */
  readonly limits?: BusLinkOptions['limits'] | undefined
  /** Memory in which other workers see the topics that this worker listens to. Default: new memory. */
  readonly interests?: SharedArrayBuffer | undefined
  /**
   * Called when another worker does not take its events, with its index. It gets no further events until it has taken
   * them.
   */
  readonly fellBehind?: ((worker: number) => void) | undefined
}

/**
 * The bus of the servers of one thread, with a link to each of the other threads. `thisWorker().bus` is one. For
 * threads that you start yourself, create one in each thread, and connect each pair with the two ports of a
 * `MessageChannel` and the `interests` of each other.
 *
 * @example
 * ```ts
 * const bus = new WorkerBus()
 * // `port`, and `interests` of the bus of the other thread, come from that thread.
 * bus.connect({ worker: 1, port, interests })
 * const server = createServer(implementation, { eventBus: bus })
 * ```
 */
export class WorkerBus implements EventBus, BusLinkOwner {
  /** Memory that shows other workers the topics that this worker listens to. */
  readonly interests: SharedArrayBuffer
  readonly #options: WorkerBusOptions
  readonly #table: InterestTable
  readonly #members = new Set<Member>()
  readonly #links = new Set<BusLink>()

  constructor(options: WorkerBusOptions = {}) {
    this.#options = options
    this.interests = options.interests ?? interestMemory()
    this.#table = new InterestTable(this.interests)
  }

  /**
   * Connects another worker.
   *
   * @param worker its index, for logs, a port of a `MessageChannel` whose other port it has, and the `interests` of its
   * bus
   */
  connect(worker: Pick<BusLinkOptions, 'worker' | 'port' | 'interests'>): void {
    this.#links.add(
      new BusLink(
        { limits: this.#options.limits ?? workerLimits, environment: realEnvironment, ...worker },
        this,
      ),
    )
  }

  join(receiver: BusReceiver): BusMember {
    const member: Member = new Member(receiver, this.#table, {
      publish: (event) => this.#publish(member, event),
      opened: () => this.#opened(),
      left: () => this.#members.delete(member),
    })
    this.#members.add(member)
    return member
  }

  /** Called by a link: delivers an event of another worker to the servers of this one. */
  event(event: BusEvent): void {
    const key = keyOf(event)
    for (const member of this.#members) member.deliver(key, event)
  }

  /** Called by a link: events of another worker may be missing. */
  gap(): void {
    for (const member of this.#members) member.gap()
  }

  fellBehind(worker: number): void {
    this.#options.fellBehind?.(worker)
  }

  /** Called by a link that has closed. */
  closed(link: BusLink): void {
    this.#links.delete(link)
  }

  /** Closes the links to all other workers. */
  close(): void {
    for (const link of [...this.#links]) link.close()
  }

  #publish(from: Member, event: BusEvent): Promise<void> | undefined {
    const key = keyOf(event)
    for (const member of this.#members) if (member !== from) member.deliver(key, event)
    const slot = slotOf(key)
    const waiting: Promise<void>[] = []
    for (const link of this.#links) {
      const room = link.interests.has(slot) ? link.send(event) : undefined
      if (room !== undefined) waiting.push(room)
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
  }

  #opened(): Promise<void> | undefined {
    const opening = [...this.#links].map(({ opened }) => opened).filter((opened) => opened !== undefined)
    return opening.length === 0 ? undefined : Promise.all(opening).then(() => undefined)
  }
}

interface MemberOwner {
  publish(event: BusEvent): Promise<void> | undefined
  opened(): Promise<void> | undefined
  left(): void
}

/** The membership of one server of the worker. */
class Member implements BusMember {
  readonly #receiver: BusReceiver
  readonly #table: InterestTable
  readonly #owner: MemberOwner
  /** The topics that it listens to, with their slots in the table. */
  readonly #topics = new Map<string, number>()
  #hasLeft = false

  constructor(receiver: BusReceiver, table: InterestTable, owner: MemberOwner) {
    this.#receiver = receiver
    this.#table = table
    this.#owner = owner
  }

  publish(event: BusEvent): Promise<void> | undefined {
    return this.#hasLeft ? undefined : this.#owner.publish(event)
  }

  listen(topic: BusTopic): Promise<void> | undefined {
    const key = keyOf(topic)
    if (this.#hasLeft || this.#topics.has(key)) return undefined
    const slot = slotOf(key)
    this.#topics.set(key, slot)
    this.#table.add(slot)
    return this.#owner.opened()
  }

  ignore(topic: BusTopic): void {
    const key = keyOf(topic)
    const slot = this.#topics.get(key)
    if (slot === undefined) return
    this.#topics.delete(key)
    this.#table.remove(slot)
  }

  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    for (const slot of this.#topics.values()) this.#table.remove(slot)
    this.#topics.clear()
    this.#owner.left()
  }

  deliver(key: string, event: BusEvent): void {
    if (this.#topics.has(key)) callReporting(() => this.#receiver.event(event), reportUncaught)
  }

  gap(): void {
    callReporting(() => this.#receiver.gap(), reportUncaught)
  }
}

/** The name of an event contains no line break. */
function keyOf({ event, topic }: BusTopic): string {
  return `${event}\n${topic}`
}
